import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct TemporaryServerTests {
    private static let request = "GET / HTTP/1.0\r\n\r\n"

    @Test(arguments: [
        BindAddress.loopback(port: 0), .host("::1", port: 0),
        .unix(path: "spoor-test-\(UInt32.random(in: 0 ... .max)).socket"),
    ])
    func `listens while the closure runs, and no longer`(at address: BindAddress) async throws {
        let bound = try await withServer(at: address, handler: SyncHandler { _ in "x" }) {
            bound, _ async throws in
            #expect(try await RawConnection.roundTrip(to: bound, [Self.request]).hasSuffix("x"))
            return bound
        }
        await #expect(throws: SystemError.self) { try await RawConnection.roundTrip(to: bound, []) }
    }

    @Test func `the error that stops a server is thrown`() async throws {
        try await withServer(handler: SyncHandler { _ in "x" }) { bound, _ async throws in
            await #expect(throws: ServerError.self) {
                try await withServer(at: .socket(bound), handler: SyncHandler { _ in "y" }) {
                    _, _ in
                }
            }
        }
    }
}
