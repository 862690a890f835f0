import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking

/// Drives the exchanges of one connection while it has something to do: bytes in, through the chain, bytes out.
///
/// A loop lends drivers to its connections, so that an idle connection holds no buffer. What bytes mean and what comes
/// next is decided in SpoorHTTP1; here it is done: reading, running the chain, writing, keeping the time-outs.
final class ExchangeDriver {
    let server: LoopServer
    /// The connection that the driver is lent to.
    unowned var connection: ServerConnection

    /// What the connection does next.
    var state: ServerConnectionState
    var body: BodyDecoder
    var encoder = BodyEncoder(MessageFraming(length: .none))
    /// Received and not yet consumed.
    var input = ReceiveBuffer()
    /// Serialised and not yet handed to the kernel.
    var output = SendBuffer()
    private var parser: RequestHeadParser
    /// Whether the peer has ended the connection, or we have refused it.
    private var isAtEnd = false

    init(server: LoopServer, connection: ServerConnection) {
        self.server = server
        self.connection = connection
        let limits = server.limits.http1
        state = ServerConnectionState(limits: limits)
        parser = RequestHeadParser(limits: limits)
        body = BodyDecoder(.none, limits: limits)
    }

    /// Makes the driver ready for a connection that has something to read.
    func begin(_ connection: ServerConnection) {
        self.connection = connection
        let limits = server.limits.http1
        state = ServerConnectionState(limits: limits)
        parser = RequestHeadParser(limits: limits)
        input.removeAll()
        output.removeAll()
        isAtEnd = false
    }

    /// Serves the requests that are there; true when the connection is to be kept and waits for the next one.
    func serve(_ exchange: Exchange) async -> Bool {
        do {
            while try await receiveHead(exchange) {
                try await run(exchange)
                guard try await settle(exchange) else { return false }
            }
            return !isAtEnd
        } catch {
            server.logger.debug(
                "a connection broke off",
                metadata: ["peer": "\(connection.info.peer)", "error": "\(error)"])
            return false
        }
    }

    // MARK: The head

    /// Reads the head of the next request; false when there is none to be had without waiting idly.
    private func receiveHead(_ exchange: Exchange) async throws -> Bool {
        exchange.reset()
        let deadline = connection.deadline(server.timeouts.head)
        while true {
            if !input.isEmpty {
                do {
                    let progress = try parser.parse(
                        input.storage.span.extracting(input.unread), into: &exchange.request)
                    if case .complete(let count) = progress {
                        input.consume(count)
                        return true
                    }
                } catch {
                    try await refuse(error.status)
                    return false
                }
            }
            try await flushBeforeWaiting(exchange)
            if !connection.stream.mayHaveMore {
                if input.isEmpty { return false }
                switch await connection.stream.waitReadable(until: deadline) {
                case .ready: break
                case .timedOut:
                    try await refuse(.requestTimeout)
                    return false
                case .interrupted: throw ConnectionFault.cutOff
                }
            }
            switch try connection.fill(&input) {
            case .bytes, .wouldBlock: continue
            case .endOfStream:
                isAtEnd = true
                return false
            }
        }
    }

    /// Answers a request that nobody can handle, and ends the connection.
    private func refuse(_ status: HTTPResponse.Status) async throws {
        isAtEnd = true
        server.refusedCount += 1
        ResponseSerializer.appendRefusal(status, date: server.date, to: &output.bytes)
        while try flush() == .mustDrain { try await waitWritable() }
        await linger()
    }

    // MARK: The exchange

    private func run(_ exchange: Exchange) async throws {
        server.requestCount += 1
        state.isDraining = server.isDraining
        state.begin(
            exchange.request, options: parser.options, expectsContinue: parser.expectsContinue)
        body = BodyDecoder(exchange.request.bodyLength, limits: server.limits.http1)
        exchange.connection = connection.info
        do {
            try await server.chain.run(exchange)
        } catch {
            exchange.phase = .aborted
            throw error
        }
    }

    /// Does what is left after a response; false when the connection ends.
    private func settle(_ exchange: Exchange) async throws -> Bool {
        while true {
            switch state.end() {
            case .readRequest: return true
            case .drainBody(let bytesMax):
                guard try await readAway(exchange, bytesMax: bytesMax) else {
                    await linger()
                    return false
                }
            case .close(let lingers):
                if lingers { await linger() }
                return false
            case .handOver: return false
            }
        }
    }

    /// Reads and forgets what the handler left of the body; false if there is more than allowed.
    private func readAway(_ exchange: Exchange, bytesMax: Int) async throws -> Bool {
        let bytesBefore = body.bytesReceived
        while try await receiveBody(for: exchange) != nil {
            guard body.bytesReceived - bytesBefore <= bytesMax else { return false }
        }
        return true
    }

    /// Ends our side and reads on for a moment, so that the peer sees the answer and not a reset (RFC 9112 §9.6).
    private func linger() async {
        let deadline = connection.deadline(server.timeouts.linger)
        do {
            try connection.stream.shutdownWrite()
            while true {
                input.removeAll()
                if !connection.stream.mayHaveMore {
                    guard await connection.stream.waitReadable(until: deadline) == .ready else {
                        return
                    }
                }
                if try connection.fill(&input) == .endOfStream { return }
                if server.loop.now >= deadline { return }
            }
        } catch {
            // The peer is gone: there is nobody left to be polite to.
        }
    }
}
