import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorTLS

/// The start of a TLS connection: its handshake within the timeout.
extension LoopServer {
    /// Performs the handshake of a connection; returns nil if it fails, after which the connection ends.
    func performHandshake(_ stream: TLSStream, of info: ConnectionInfo) async -> TLSInfo? {
        countHandshakeStart()
        do throws(TLSHandshakeError) {
            let deadline = loop.now.advanced(byNanoseconds: timeouts.handshake)
            try await stream.handshake(until: deadline)
        } catch {
            countHandshakeEnd(error.cause.rawValue)
            if error.cause == .timedOut { countTimeout(.handshake) }
            logger.debug(
                "TLS handshake failed", metadata: ["peer": "\(info.peer)", "error": "\(error)"])
            await closeAfterFailure(stream, of: info, after: error.cause)
            return nil
        }
        let handshake = stream.info
        countHandshakeEnd(handshake.isResumed ? "resumed" : "completed")
        return handshake
    }

    /// Answers in plain HTTP if the peer sent plain HTTP, and lingers, so that the peer receives the alert and not a
    /// reset.
    private func closeAfterFailure(
        _ stream: TLSStream, of info: ConnectionInfo, after cause: TLSHandshakeError.Cause
    ) async {
        switch cause {
        case .timedOut, .interrupted, .peerClosed, .connectionBroken: return
        case .plainHTTP:
            let rejected = RejectedRequest(
                .badRequest, because: cause.rawValue, connection: info)
            var response: [UInt8] = []
            append(rejected, isCounted: false, to: &response)
            _ = try? stream.socket.send(response.span)
        default: break
        }
        var rest = ReceiveBuffer()
        await LingeringClose.run(
            on: stream.socket, forNanoseconds: timeouts.linger, reusing: &rest, countReceived)
    }

    /// Returns the TLS side of an accepted connection; nil if OpenSSL has no memory for it.
    func secure(_ socket: any ByteStream, by tls: TLSServer) -> TLSStream? {
        do throws(TLSConfigurationError) {
            return try TLSStream(accepting: socket, by: tls)
        } catch {
            countHandshakeStart()
            countHandshakeEnd(TLSHandshakeError.Cause.library.rawValue)
            logger.error("cannot create TLS session", metadata: ["error": "\(error)"])
            socket.close()
            return nil
        }
    }
}
