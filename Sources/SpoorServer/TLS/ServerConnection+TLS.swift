import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorTLS

/// The beginning of a secure connection: a handshake within its time, then the life of any other.
extension ServerConnection {
    /// Shakes hands; false when the connection ends with that.
    func shakeHands(_ stream: TLSStream) async -> Bool {
        server.noteHandshakeBegan()
        do throws(TLSHandshakeError) {
            try await stream.handshake(until: deadline(server.timeouts.handshake))
        } catch {
            server.noteHandshakeEnded(error.cause.rawValue)
            if error.cause == .timedOut { server.noteTimeout(.handshake) }
            server.logger.debug(
                "a handshake failed", metadata: ["peer": "\(info.peer)", "error": "\(error)"])
            await leave(stream, after: error.cause)
            isBroken = true
            return false
        }
        let handshake = stream.info
        server.noteHandshakeEnded(handshake.isResumed ? "resumed" : "completed")
        info = ConnectionInfo(peer: info.peer, local: info.local, tls: handshake)
        return true
    }

    /// Says a last word in plain HTTP if that is what the peer spoke, and lets the peer take our alert before a reset takes
    /// it away.
    private func leave(_ stream: TLSStream, after cause: TLSHandshakeError.Cause) async {
        switch cause {
        case .timedOut, .interrupted, .peerClosed, .connectionBroken: return
        case .plainHTTP:
            let rejected = RejectedRequest(
                .badRequest, because: cause.rawValue, connection: info)
            server.log(rejected)
            var answer: [UInt8] = []
            server.append(rejected, to: &answer)
            _ = try? stream.socket.send(answer.span)
        default: break
        }
        let end = deadline(server.timeouts.linger)
        var rest = ReceiveBuffer()
        do {
            try stream.socket.shutdownWrite()
            while server.loop.now < end {
                guard await stream.socket.waitReadable(until: end) == .ready else { return }
                rest.removeAll()
                if try rest.fill(from: stream.socket) == .endOfStream { return }
                await Task.yield()
            }
        } catch {
            // The peer is gone: there is nobody left to be polite to.
        }
    }
}

extension LoopServer {
    /// The secure side of an accepted connection; nil if OpenSSL has no memory for it.
    func secure(_ socket: any ByteStream, by tls: TLSServer) -> TLSStream? {
        do throws(TLSConfigurationError) {
            return try TLSStream(accepting: socket, by: tls)
        } catch {
            noteHandshakeBegan()
            noteHandshakeEnded(TLSHandshakeError.Cause.library.rawValue)
            logger.error("no TLS for a connection", metadata: ["error": "\(error)"])
            socket.close()
            return nil
        }
    }
}
