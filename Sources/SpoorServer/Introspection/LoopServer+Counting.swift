import HTTPTypes
import SpoorHTTP1
import SpoorNetworking

/// What a loop counts: plain sums in its own memory, told to swift-metrics once a second.
extension LoopServer {
    /// Counts a request that begins.
    func noteRequest() { count.requests &+= 1 }

    /// Counts bytes that were read from a connection.
    func noteReceived(_ bytes: Int) { count.bytesReceived &+= bytes }

    /// Counts bytes that were handed to the kernel.
    func noteSent(_ bytes: Int) { count.bytesSent &+= bytes }

    /// Counts a request that is refused before anybody could handle it.
    ///
    /// - Parameter cause: One of few: metrics are counted by it.
    func noteRefusal(_ status: HTTPResponse.Status, because cause: String) {
        count.refusals[.init(status: status.code, cause: cause), default: 0] += 1
    }

    /// Counts a wait that has come to the end of its time.
    func noteTimeout(_ phase: ServerCounters.Timeout) { count.timeouts[phase, default: 0] += 1 }

    /// Counts a TLS handshake that begins on an open connection.
    func noteHandshakeBegan() { count.handshaking += 1 }

    /// Counts how a TLS handshake ended; called once for each that has begun.
    func noteHandshakeEnded(_ outcome: String) {
        count.handshaking -= 1
        count.handshakes[outcome, default: 0] += 1
    }
}
