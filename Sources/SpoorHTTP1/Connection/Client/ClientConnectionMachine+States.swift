/// The states, events and actions of a client connection.
extension ClientConnectionMachine {
    /// The state of a connection.
    package enum State: Hashable, Sendable {
        /// No exchange is in progress: the connection is new, or kept alive for the next request.
        case idle
        /// An exchange is in progress: the phases of its request and response.
        case exchanging(RequestPhase, ResponsePhase)
        /// The connection was upgraded: another protocol, or a tunnel, begins after the response's head.
        case handedOver
        /// The connection is closed.
        case closed(CloseReason)
    }

    /// The phase of the request.
    package enum RequestPhase: UInt8, CaseIterable, Sendable {
        /// The body waits for `100 Continue` (RFC 9110 §10.1.1).
        case awaitingContinue
        /// The request is being sent.
        case sending
        /// The kernel has accepted the complete request.
        case complete
        /// The rest is not sent; a response may still arrive (RFC 9112 §9.5).
        case stopped
    }

    /// The phase of the response.
    package enum ResponsePhase: UInt8, CaseIterable, Sendable {
        /// No byte was received.
        case awaited
        /// A part of a head, or an interim response, was received.
        case head
        /// The final head was received.
        case body
        /// The complete response was received.
        case complete
    }

    /// The reason for closing a connection.
    package enum CloseReason: UInt8, CaseIterable, Sendable {
        /// The last exchange was completed, and the connection must not be kept alive.
        case completed
        /// The response was complete, but the request was not completely sent.
        case stopped
        /// The exchange failed, or was cancelled, before a byte of the response was received.
        case unanswered
        /// The exchange failed, or was cancelled, after a part of the response was received.
        case broken
        /// The peer closed the connection, or sent bytes, without a request.
        case readableWhileIdle
        /// The idle timeout or the maximum age was reached.
        case expired
        /// The connection was evicted from the pool, or the client was shut down.
        case evicted
    }

    /// An event on a connection.
    package enum Event: UInt8, CaseIterable, Sendable {
        /// A request was started.
        case requestStarted
        /// A request was started whose body waits for `100 Continue`.
        case requestExpectingContinueStarted
        /// The wait for `100 Continue` timed out.
        case continueTimedOut
        /// The kernel has accepted the complete request.
        case requestSent
        /// The peer accepts no more of the request.
        case sendingFailed

        /// Bytes of the response were received.
        case bytesReceived
        /// `100 Continue` was received.
        case continueReceived
        /// Another interim response was received.
        case interimReceived
        /// A final head with a status below 300 was received.
        case headReceived
        /// A final head with a status of 300 or above was received.
        case errorHeadReceived
        /// A head was received after which another protocol, or a tunnel, begins.
        case protocolSwitched
        /// The last byte of the response was received.
        case responseEnded

        /// The caller has finished reading the response.
        case readerFinished
        /// The exchange failed, or was cancelled.
        case failed

        /// The connection became readable without an exchange.
        case readableWhileIdle
        /// The idle timeout or the maximum age was reached.
        case expired
        /// The connection is evicted from the pool, or the client was shut down.
        case evicted
    }

    /// The action of the connection's driver for an event.
    package enum Action: UInt8, CaseIterable, Sendable {
        /// Continues with its current work.
        case proceed
        /// Sends the request, as far as possible without waiting.
        case send
        /// Sends the body that waited for `100 Continue`.
        case sendBody
        /// Stops sending, and notifies the writer of the body.
        case stopSending
        /// Returns the connection to the pool.
        case release
        /// Closes the connection, and notifies the writer of the body.
        case close
        /// Closes the connection after its end marker, such as the close-notify of TLS.
        case closeOrderly
    }

    /// Whether the connection can be kept alive after the current exchange.
    package enum Persistence: UInt8, CaseIterable, Sendable {
        /// The next request may follow (RFC 9112 §9.3).
        case keepAlive
        /// One side has announced that it closes, or the response ends with the connection.
        case close
    }
}
