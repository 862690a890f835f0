import FoundationEssentials
import Glibc
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

/// How a client loads its certificates and trust roots.
@Suite(.finishes(within: .seconds(60))) struct ClientTLSTests {
    private static let start = MonotonicInstant(nanoseconds: 0)

    private static func later(_ seconds: Int) -> MonotonicInstant {
        start.advanced(by: .seconds(seconds))
    }

    @Test func `files are read once for all requests, and not by an event loop`() async throws {
        let authority = try TestCertificateAuthority()
        let tls = ClientTLS(TLSClientConfiguration(trustRoots: authority.trustRoots))
        let loops = try EventLoopGroup(loopCount: 1)
        let loop = loops.next()
        let before = BlockingPool.fileCounters.completed
        let clients = try await withThrowingTaskGroup(of: TLSClient.self) { group in
            for _ in 0..<8 {
                group.addTask(executorPreference: loop) { try await tls.client(at: Self.start) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(clients.map(ObjectIdentifier.init)).count == 1)
        #expect(BlockingPool.fileCounters.completed > before)
        let other = try await tls.client(at: Self.later(2))
        #expect(other === clients[0])
        await loops.shutdown()
    }

    @Test func `files that cannot be loaded are read again, and changed ones after a second`()
        async throws
    {
        let file =
            FileManager.default.temporaryDirectory.path
            + "/roots-\(UInt64.random(in: 0 ... .max)).pem"
        defer { _ = unsafe unlink(file) }
        let tls = ClientTLS(TLSClientConfiguration(trustRoots: .file(file)))
        await #expect(throws: TLSConfigurationError.self) { try await tls.client(at: Self.start) }
        try Self.write(InMemoryCertificateAuthority().certificatePEM, to: file)
        let first = try await tls.client(at: Self.start)
        try Self.write(InMemoryCertificateAuthority().certificatePEM + [0x0A], to: file)
        let same = try await tls.client(at: Self.start)
        #expect(same === first)
        let second = try await tls.client(at: Self.later(1))
        #expect(second !== first)
        // Files that cannot be loaded change nothing.
        try Self.write([], to: file)
        let third = try await tls.client(at: Self.later(2))
        #expect(third === second)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        try #require(count == bytes.count)
    }
}
