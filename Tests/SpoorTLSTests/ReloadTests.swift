import SpoorHTTP
import SpoorNetworking
import Synchronization
import PeerSupport
import TestSupport
import Testing

@testable import SpoorTLS

/// Certificates that change while a server or a client is running.
@Suite(.finishes(within: .seconds(60))) struct ReloadTests {
    @Test func `a reload applies to new connections`() async throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let client = try TLSClient(TLSClientConfiguration(trustRoots: files.authority.trustRoots))
        try await withSocketPair { far, near in
            let old = try await performHandshakes(far, near, server: server, client: client)
            try files.write(commonName: "new")
            try server.reload()
            try await withSocketPair { far, near in
                let new = try await performHandshakes(far, near, server: server, client: client)
                #expect(try new.client.get().info.peerCertificate?.subject == "CN=new")
            }
            let stream = try old.server.get()
            try await stream.write([1])
            #expect(try await old.client.get().read(count: 1) == [1])
        }
    }

    @Test func `a failed reload leaves everything as it was`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let failures = Mutex(0)
        server.observeReloads { outcome in
            if case .failed = outcome { failures.withLock { $0 += 1 } }
        }
        try files.writeKeyOfAnother()
        #expect(throws: TLSConfigurationError.self) { try server.reload() }
        #expect(failures.withLock { $0 } == 1)
        #expect(server.certificates.map(\.subject) == ["CN=old"])
        try files.write(commonName: "new")
        try server.reload()
        #expect(server.certificates.map(\.subject) == ["CN=new"])
    }

    // MARK: File checks

    @Test func `a check finds changed files, and reads no others`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        server.checkFiles()
        #expect(server.reloadCounts.reloaded == 0)
        try files.write(commonName: "new")
        server.checkFiles()
        #expect(server.certificates.map(\.subject) == ["CN=new"])
        #expect(try server.contexts(at: .now()).certificates.map(\.subject) == ["CN=new"])
        server.checkFiles()
        #expect(server.reloadCounts.reloaded == 1)
    }

    @Test func `files are not checked if checks are disabled`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        var configuration = files.configuration
        configuration.reloadInterval = .zero
        let server = try TLSServer(configuration)
        try files.write(commonName: "new")
        server.checkFiles()
        #expect(server.certificates.map(\.subject) == ["CN=old"])
    }

    @Test func `a started check runs on another thread, one at a time`() async throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let (reloads, changes) = AsyncStream.makeStream(of: [String].self)
        server.observeReloads { outcome in
            if case .reloaded(let certificates) = outcome {
                changes.yield(certificates.map(\.subject))
            }
        }
        try files.write(commonName: "new")
        server.startFileCheck()
        server.startFileCheck()
        for await subjects in reloads {
            #expect(subjects == ["CN=new"])
            break
        }
    }

    @Test func `incompletely written files are not reported, and read again`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let failures = Failures(of: server)
        try files.writeKeyOfAnother()
        let wroteAt = try #require(files.changedAt)
        // The certificate of the key may follow a moment later.
        for age in Int64(0)...1 { server.checkFiles(wallClock: wroteAt + age) }
        #expect(failures.count == 0)
        server.checkFiles(wallClock: wroteAt + 2)
        #expect(failures.count == 1)
        // It is reported once, and read again when the files change.
        server.checkFiles(wallClock: wroteAt + 3)
        #expect(failures.count == 1)
        #expect(server.reloadCounts.failed == 1)
        #expect(server.certificates.map(\.subject) == ["CN=old"])
        try files.write(commonName: "new")
        server.checkFiles()
        #expect(server.certificates.map(\.subject) == ["CN=new"])
    }

    @Test func `missing files are reported once, and loaded when they are back`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let failures = Failures(of: server)
        try files.removeKey()
        for _ in 0..<3 { server.checkFiles(wallClock: .max) }
        #expect(failures.count == 1)
        try files.write(commonName: "new")
        server.checkFiles()
        #expect(server.certificates.map(\.subject) == ["CN=new"])
        // The same failure at another time is reported again.
        try files.removeKey()
        server.checkFiles(wallClock: .max)
        #expect(failures.count == 2)
        #expect(server.reloadCounts.failed == 2)
    }

    @Test func `a replaced file with the same size and an old date is noticed`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        try files.write(commonName: "new")
        try files.makeOld()
        server.checkFiles()
        #expect(server.certificates.map(\.subject) == ["CN=new"])
    }

    // MARK: Ticket keys

    @Test(arguments: [false, true])
    func `the ticket keys are rotated even if the files are invalid`(byHandshake: Bool) async throws
    {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let server = try TLSServer(files.configuration)
        let client = try TLSClient(TLSClientConfiguration(trustRoots: files.authority.trustRoots))
        let session = try await session(of: server, client)
        #expect(try await isResumed(session, server, client))
        try files.writeKeyOfAnother()
        let now = MonotonicInstant.now()
        let before = try server.contexts(at: now)
        if byHandshake {
            // No file check has run for a day.
            _ = try server.contexts(at: now.advanced(by: TLSServer.ticketKeyLifetime))
        } else {
            server.checkFiles(at: now.advanced(by: TLSServer.ticketKeyChange))
        }
        let after = try server.contexts(at: now)
        #expect(after !== before)
        #expect(after.certificates.map(\.subject) == ["CN=old"])
        #expect(try await !isResumed(session, server, client))
    }

    @Test func `the ticket keys stay for half a day`() throws {
        let server = try TLSServer(Trust().server)
        let now = MonotonicInstant.now()
        let before = try server.contexts(at: now)
        server.checkFiles(at: now.advanced(by: .seconds(11 * 3600)))
        #expect(try server.contexts(at: now.advanced(by: .seconds(23 * 3600))) === before)
    }

    private func session(of server: TLSServer, _ client: TLSClient) async throws -> TLSSession? {
        try await withSocketPair { far, near in
            let ends = try await performHandshakes(far, near, server: server, client: client)
            let (server, client) = (try ends.server.get(), try ends.client.get())
            // The tickets arrive with the first bytes.
            try await server.write([1])
            _ = try await client.read(count: 1)
            let session = client.session
            server.closeOrderly()
            client.closeOrderly()
            return session
        }
    }

    private func isResumed(
        _ session: TLSSession?, _ server: TLSServer, _ client: TLSClient
    ) async throws -> Bool {
        try await withSocketPair { far, near in
            let ends = try await performHandshakes(
                far, near, server: server, client: client, resuming: session)
            let (server, client) = (try ends.server.get(), try ends.client.get())
            return server.info.isResumed && client.info.isResumed
        }
    }

    // MARK: Clients

    @Test func `a client knows whether its files have changed`() throws {
        let files = try IdentityFiles(commonName: "old")
        defer { files.remove() }
        let client = try TLSClient(files.clientConfiguration)
        #expect(!client.isOutdated)
        try files.write(commonName: "new")
        #expect(client.isOutdated)
        #expect(try !TLSClient(files.clientConfiguration).isOutdated)
    }
}

/// The number of failures that a server has reported.
private final class Failures: Sendable {
    private let failures = Atomic(0)

    init(of server: TLSServer) {
        server.observeReloads { [self] outcome in
            if case .failed = outcome { failures.add(1, ordering: .sequentiallyConsistent) }
        }
    }

    var count: Int { failures.load(ordering: .sequentiallyConsistent) }
}

extension IdentityFiles {
    /// The time of the last change of the key's file, in seconds since the Unix epoch.
    fileprivate var changedAt: Int64? { FileStamp(of: keyFile)?.changedAt }
}
