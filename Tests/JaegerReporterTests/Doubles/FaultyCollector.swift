import JaegerThrift
import JaegerTracing
import SpoorNetworking
import SpoorTesting
import Synchronization
import TestSupport

/// A collector that randomly does what collectors and networks do: accept, reject, hang, disconnect, restart.
///
/// It knows the spans that it has acknowledged and those that it has rejected permanently.
final class FaultyCollector: Sendable {
    /// The kinds of responses to a request.
    enum Fault: CaseIterable {
        case none, slowResponse, badRequest, internalError, cannotSubmit, unavailable, tooMany
        case closedBeforeBody
        // After these the reporter cannot know whether the collector received the batch.
        case noResponse, hang, truncatedResponse

        var isAmbiguous: Bool {
            switch self {
            case .noResponse, .hang, .truncatedResponse: true
            default: false
            }
        }
    }

    private struct State {
        var random: SeededGenerator
        var server: ScriptedServer?
        var acknowledged: Set<UInt64> = []
        var received: Set<UInt64> = []
        var rejected: Set<UInt64> = []
        var requestCount = 0
    }

    private let faults: [Fault]
    private let state: Mutex<State>
    /// The port, which is the same after a restart.
    let port: UInt16

    /// Starts.
    init(seed: UInt64, isAmbiguous: Bool) throws {
        faults =
            Fault.allCases.filter { isAmbiguous || !$0.isAmbiguous }
            + Array(repeating: .none, count: 6)
        state = Mutex(State(random: SeededGenerator(seed: seed)))
        // An ephemeral port, determined by listening once.
        let first = try ScriptedServer { _ in }
        port = first.address.port ?? 0
        state.withLock { $0.server = first }
    }

    var url: String { "http://127.0.0.1:\(port)/api/traces" }

    /// The spans that were answered with 202, each once regardless of repetitions.
    var acknowledged: Set<UInt64> { state.withLock { $0.acknowledged } }
    /// The spans that were received completely, answered or not.
    var received: Set<UInt64> { state.withLock { $0.received } }
    /// The spans that were answered with a permanent failure.
    var rejected: Set<UInt64> { state.withLock { $0.rejected } }
    var requestCount: Int { state.withLock { $0.requestCount } }

    /// Stops listening, and closes all connections.
    func stop() async throws {
        let server = state.withLock { $0.server.take() }
        try await server?.stop()
    }

    /// Listens on the same port again.
    func start() throws {
        let server = try ScriptedServer(port: port) { [self] peer in try await serve(peer) }
        state.withLock { $0.server = server }
    }

    private func serve(_ peer: RawConnection) async throws {
        while true {
            let head = try await peer.read(until: "\r\n\r\n")
            guard let length = Self.contentLength(head) else { return }
            let fault = state.withLock { state in
                state.requestCount += 1
                return faults.randomElement(using: &state.random) ?? .none
            }
            if fault == .closedBeforeBody {
                _ = try await peer.read(count: length / 2)
                return
            }
            let body = try await peer.read(count: length)
            guard body.count == length else { return }
            let spans = try JaegerBatch(thriftBytes: body).spans.map(\.spanID.value)
            guard try await respond(to: peer, spans, fault) else { return }
        }
    }

    /// Sends a response; returns false if the connection must be closed.
    private func respond(to peer: RawConnection, _ spans: [UInt64], _ fault: Fault) async throws
        -> Bool
    {
        switch fault {
        case .none, .slowResponse:
            state.withLock {
                $0.received.formUnion(spans)
                $0.acknowledged.formUnion(spans)
            }
            let text = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
            guard fault == .slowResponse else {
                try await peer.send(text)
                return true
            }
            for character in text.utf8 { try await peer.send([character]) }
        case .badRequest, .internalError:
            state.withLock { $0.rejected.formUnion(spans) }
            let status = fault == .badRequest ? "400 Bad Request" : "500 Internal Server Error"
            try await peer.send("HTTP/1.1 \(status)\r\nContent-Length: 3\r\n\r\nbad")
        case .cannotSubmit:
            let text = "Cannot submit Jaeger batch: full"
            try await peer.send(
                "HTTP/1.1 500 I\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        case .unavailable:
            try await peer.send("HTTP/1.1 503 S\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
        case .tooMany:
            try await peer.send("HTTP/1.1 429 T\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        case .closedBeforeBody: return false
        case .noResponse:
            state.withLock { $0.received.formUnion(spans) }
            return false
        case .hang:
            state.withLock { $0.received.formUnion(spans) }
            // Until the client times out.
            while try await !peer.read().isEmpty {}
            return false
        case .truncatedResponse:
            state.withLock { $0.received.formUnion(spans) }
            try await peer.send("HTTP/1.1 20")
            return false
        }
        return true
    }

    private static func contentLength(_ head: String) -> Int? {
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":")
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                return Int(parts[1].drop(while: \.isWhitespace))
            }
        }
        return nil
    }
}
