import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ExitOnErrorTests {
    /// An error whose text has several lines.
    private struct LongError: Error, CustomStringConvertible {
        let description = "first\nsecond\r\nthird"
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a port in use ends the program with one line and status 1`() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            await exitOnError {
                try await withServer(handler: SyncHandler { _ in "x" }) { bound, _ in
                    let second = HTTPServer(
                        listening: .socket(bound), handler: SyncHandler { _ in "x" }, loopCount: 1)
                    try await second.runService()
                }
            }
        }
        let lines = Self.text(result.standardErrorContent).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("error: cannot listen on 127.0.0.1:") == true)
        #expect(lines.first?.hasSuffix("Address already in use (98)") == true)
    }

    @Test func `a missing certificate does too`() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            await exitOnError {
                let server = HTTPServer(
                    listening: .loopback(port: 0).tls(
                        TLSServerConfiguration(
                            certificateChainFile: "missing.pem", privateKeyFile: "missing.key")),
                    handler: SyncHandler { _ in "x" })
                try await server.runService()
            }
        }
        let lines = Self.text(result.standardErrorContent).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("missing.pem") == true)
    }

    @Test func `a text of several lines is printed on one line`() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            await exitOnError { throw LongError() }
        }
        #expect(Self.text(result.standardErrorContent) == "error: first second third\n")
    }

    @Test func `a program without an error continues`() async throws {
        await #expect(processExitsWith: .success) { await exitOnError {} }
    }
}
