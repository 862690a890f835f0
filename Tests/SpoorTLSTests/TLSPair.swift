import PeerSupport
import SpoorNetworking
import Testing

@testable import SpoorTLS

/// An authority, and matching configurations of both ends.
struct Trust {
    let authority: InMemoryCertificateAuthority
    var server: TLSServerConfiguration
    var client: TLSClientConfiguration

    init(_ certificate: InMemoryCertificateAuthority.Certificate = .localhost) throws {
        authority = try InMemoryCertificateAuthority()
        server = TLSServerConfiguration(identities: [try authority.issue(certificate).identity])
        client = TLSClientConfiguration(trustRoots: authority.trustRoots)
    }
}

/// Two sockets of this machine that are connected to each other, on one event loop.
func withSocketPair<Result: Sendable>(
    _ body: @escaping @Sendable @concurrent (SocketStream, SocketStream) async throws -> Result
) async throws -> Result {
    let group = try EventLoopGroup(loopCount: 1)
    let loop = group.next()
    let result = await Task(executorPreference: loop) {
        let listener = try Listener(at: .loopback(port: 0), on: loop)
        defer { listener.close() }
        let near = try await SocketStream.connect(to: listener.address, on: loop, until: .never)
        defer { near.close() }
        let far = try #require(try await listener.accept())
        defer { far.close() }
        return try await body(far, near)
    }.result
    await group.shutdown()
    return try result.get()
}

/// The outcome of both ends' handshakes.
struct Handshakes: Sendable {
    let server: Swift.Result<TLSStream, TLSHandshakeError>
    let client: Swift.Result<TLSStream, TLSHandshakeError>
}

/// Performs both handshakes over a pair of sockets.
func performHandshakes(
    _ far: SocketStream, _ near: SocketStream, server: TLSServer, client: TLSClient,
    host: String = "localhost", resuming session: TLSSession? = nil
) async throws -> Handshakes {
    let accepting = try TLSStream(accepting: far, by: server)
    let connecting = try TLSStream(connectingTo: host, over: near, by: client, resuming: session)
    async let serverOutcome = outcome(accepting)
    let clientOutcome = await outcome(connecting)
    // An end that fails closes its socket, so that the other does not wait forever.
    return Handshakes(server: await serverOutcome, client: clientOutcome)
}

private func outcome(
    _ stream: TLSStream
) async -> Result<TLSStream, TLSHandshakeError> {
    do throws(TLSHandshakeError) {
        try await stream.handshake(until: .never)
        return .success(stream)
    } catch {
        stream.close()
        return .failure(error)
    }
}

/// Runs `body` with both ends of a TLS connection.
func withTLSPair<Result: Sendable>(
    _ trust: Trust, host: String = "localhost",
    _ body:
        @escaping @Sendable @concurrent (
            _ server: TLSStream, _ client: TLSStream
        ) async throws -> Result
) async throws -> Result {
    let server = try TLSServer(trust.server)
    let client = try TLSClient(trust.client)
    return try await withSocketPair { far, near in
        let handshakes = try await performHandshakes(
            far, near, server: server, client: client, host: host)
        return try await body(handshakes.server.get(), handshakes.client.get())
    }
}

/// Runs a handshake that does not matter further.
func handshakes(_ trust: Trust, host: String = "localhost") async throws -> Handshakes {
    let server = try TLSServer(trust.server)
    let client = try TLSClient(trust.client)
    return try await withSocketPair { far, near in
        try await performHandshakes(far, near, server: server, client: client, host: host)
    }
}

/// Returns the error that `work` throws; nil if there is none.
func failure(_ work: () async throws -> Void) async -> (any Error)? {
    do {
        try await work()
        return nil
    } catch {
        return error
    }
}
