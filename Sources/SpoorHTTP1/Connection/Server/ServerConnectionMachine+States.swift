package import SpoorHTTP

/// The states, events and actions of a server connection.
extension ServerConnectionMachine {
    /// The state of a connection.
    package enum State: Hashable, Sendable {
        /// No byte of the next request was received.
        case idle
        /// A part of a head was received.
        case receivingHead
        /// A handler is running: the phases of the request's body and the response.
        case handling(RequestBodyPhase, ResponsePhase)
        /// The response was sent, and the rest of the request's body is drained (RFC 9112 §9.3).
        case drainingBody
        /// The connection is half-closed, and bytes that the peer still sends are discarded (lingering close), so
        /// that the last response is not lost to a reset (RFC 9112 §9.6).
        case lingering(CloseReason)
        /// The connection was upgraded to another protocol, or is a tunnel; its handler is running.
        case upgraded(ResponsePhase)
        /// The connection is closed.
        case closed(CloseReason)
    }

    /// The phase of the request's body.
    package enum RequestBodyPhase: UInt8, CaseIterable, Sendable {
        /// It was completely received, or there is none.
        case complete
        /// The client waits for `100 Continue` before it sends it.
        case awaitingContinue
        /// The handler has not requested it.
        case unread
        /// The handler has requested it.
        case reading
        /// Its framing was invalid or its limit exceeded: the start of the next request is unknown.
        case failed
    }

    /// The reason for closing a connection.
    package enum CloseReason: UInt8, CaseIterable, Sendable {
        /// The last exchange was completed, and the connection must not be kept alive.
        case completed
        /// The peer closed it between two requests, or within a head.
        case peerEnded
        /// No request, or no complete head, was received in time.
        case timedOut
        /// A request was rejected without a handler, or its body failed.
        case rejected
        /// Graceful shutdown, without an exchange in progress.
        case shutdown
        /// The server closes all connections immediately.
        case aborted
        /// The handler was cancelled: the client disconnected, the handler timed out, or its event stream was ended.
        case handlerCancelled
        /// The exchange was aborted; the client must not take the received bytes as complete.
        case broken
    }

    /// An event on a connection.
    package enum Event: UInt8, CaseIterable, Sendable {
        /// A part of a head was received.
        case bytesReceived
        /// The head of a request without a body was received.
        case headReceived
        /// The head of a request with a body was received.
        case headWithBodyReceived
        /// The head of a request whose body follows after `100 Continue` was received (RFC 9110 §10.1.1).
        case headExpectingContinueReceived
        /// The request is rejected without a handler.
        case requestRejected

        /// The handler requests the body.
        case bodyRequested
        /// The last byte of the body was received.
        case bodyEnded
        /// The framing of the body is invalid, or its limit exceeded.
        case bodyFailed
        /// The limit of drained bytes was reached.
        case drainLimitReached

        /// The head was sent, and the body follows in pieces.
        case headSent
        /// The head, and the pieces of the body after it, were removed from the send buffer: the handler has failed,
        /// and none of them was sent.
        case responseDiscarded
        /// The end of the response waits for the kernel.
        case responseEndPending
        /// The end of the response was passed to the kernel, or waits with other complete responses.
        case responseSent
        /// The kernel has accepted all waiting bytes.
        case flushed
        /// The head that ends HTTP on this connection was sent.
        case protocolSwitched
        /// The handler, and all middlewares around it, have returned.
        case handlerReturned

        /// The peer has half-closed the connection without an exchange in progress.
        case peerEnded
        /// No request, or no complete head, was received in time.
        case timedOut
        /// A graceful shutdown has begun.
        case shutdown
        /// The client disconnected while a handler was running.
        case peerDisconnected
        /// The handler timed out.
        case handlerTimedOut
        /// The shutdown ends the event stream that the handler sends.
        case eventStreamEnded
        /// The server closes all connections immediately.
        case aborted
        /// The connection, or the exchange on it, has failed.
        case failed
        /// The peer has half-closed the connection, or the linger timeout expired.
        case lingerEnded
    }

    /// The action of the connection's driver for an event.
    package enum Action: CaseIterable, Sendable {
        /// Continues with its current work.
        case proceed
        /// Calls the handler.
        case callHandler
        /// Reads the next request, which may already be buffered.
        case readRequest
        /// Sends `100 Continue`, unless some of the body was already received, and decodes the body.
        case sendContinue
        /// Decodes the received bytes of the body, or receives more.
        case decodeBody
        /// Reports the end of the body to the handler.
        case endBody
        /// Counts and logs a rejected body.
        case reportBody
        /// Drains the rest of the body, up to its limit.
        case drainBody
        /// Cancels the handler's task.
        case cancelHandler
        /// Responds with 408, and lingers.
        case rejectLateHead
        /// Responds with 503, and lingers.
        case rejectAtShutdown
        /// Ends the stream of the other protocol, and lingers.
        case endUpgrade
        /// Half-closes the connection, and discards received bytes for a short time.
        case linger
        /// The same, but only if unread bytes are available; otherwise closes the connection immediately.
        case lingerIfBytesWait
        /// Closes the connection in an orderly way.
        case close
        /// Closes the connection without an end marker, such as the close-notify of TLS.
        case abort
    }
}
