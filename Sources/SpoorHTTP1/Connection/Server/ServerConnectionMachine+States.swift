package import SpoorHTTP

/// The states, the events and the actions of a server's connection.
extension ServerConnectionMachine {
    /// Where a connection is.
    package enum State: Hashable, Sendable {
        /// Nothing of the next request has come.
        case idle
        /// A part of a head has come.
        case receivingHead
        /// A handler is at work: how far the request's body and its response are.
        case handling(RequestBodyPhase, ResponsePhase)
        /// The response has been sent, and the rest of the request's body is read and discarded (RFC 9112 §9.3).
        case drainingBody
        /// The sending side is shut down, and what the peer still sends is read and discarded, so that the last response is
        /// not lost to a reset (RFC 9112 §9.6).
        case lingering(CloseReason)
        /// Another protocol, or a tunnel, has the connection; its handler is at work.
        case upgraded(ResponsePhase)
        /// The connection has ended.
        case closed(CloseReason)
    }

    /// How far the body of the request is.
    package enum RequestBodyPhase: UInt8, CaseIterable, Sendable {
        /// It was received to its end, or there is none.
        case complete
        /// The peer waits for `100 Continue` before it sends it.
        case awaitingContinue
        /// Nobody has asked for it.
        case unread
        /// The handler has asked for it.
        case reading
        /// It broke its framing or its bound: nobody knows where the next request starts.
        case failed
    }

    /// Why a connection ends.
    package enum CloseReason: UInt8, CaseIterable, Sendable {
        /// The last exchange was completed, and the connection is not to be kept.
        case completed
        /// The peer has ended it between two requests, or within a head.
        case peerEnded
        /// No request, or no whole head, came in time.
        case timedOut
        /// A request was rejected without a handler, or its body failed.
        case rejected
        /// The server shuts down gracefully, and no exchange was in flight.
        case shutdown
        /// The server closes all connections at once.
        case aborted
        /// The handler was cancelled: the peer has left, the handler was too slow, or its event stream was ended.
        case abandoned
        /// An exchange broke off; the peer must not take what it received as complete.
        case broken
    }

    /// What happens to a connection.
    package enum Event: UInt8, CaseIterable, Sendable {
        /// A part of a head has been received.
        case bytesReceived
        /// The head of a request without a body has been received.
        case headReceived
        /// The head of a request with a body has been received.
        case headWithBodyReceived
        /// The head of a request whose body follows after `100 Continue` has been received (RFC 9110 §10.1.1).
        case headExpectingContinueReceived
        /// What was received is refused without a handler.
        case requestRejected

        /// The handler asks for the body.
        case bodyRequested
        /// The last byte of the body has been received.
        case bodyEnded
        /// The body breaks its framing or its bound.
        case bodyFailed
        /// More of an unread body has come than is read and discarded.
        case drainLimitReached

        /// The head has been sent, and the body follows in pieces.
        case headSent
        /// The head, and what followed of the body, are taken out of the send buffer again: the handler has failed, and nothing
        /// of them had left.
        case responseDiscarded
        /// The end of the response waits for the kernel.
        case responseEndPending
        /// The end of the response has been handed to the kernel, or waits with other complete responses.
        case responseSent
        /// The kernel has taken all that waited.
        case flushed
        /// The head that leaves HTTP has been sent.
        case protocolSwitched
        /// The handler, and all middlewares around it, have returned.
        case handlerReturned

        /// The peer has ended its direction while no exchange was in flight.
        case peerEnded
        /// No request, or no whole head, came in time.
        case timedOut
        /// The server shuts down gracefully.
        case shutdown
        /// The peer has disconnected while a handler was at work.
        case peerLeft
        /// The handler takes too long.
        case handlerTimedOut
        /// The shutdown ends the event stream that the handler sends.
        case eventStreamEnded
        /// The server closes all connections at once.
        case aborted
        /// The connection, or the exchange on it, has failed.
        case failed
        /// The peer has ended its direction, or had the time to.
        case lingerEnded
    }

    /// What the driver of the connection does about an event.
    package enum Action: CaseIterable, Sendable {
        /// It goes on with what it is doing.
        case proceed
        /// It calls the handler.
        case callHandler
        /// It reads the next request, which may have come already.
        case readRequest
        /// It sends `100 Continue`, unless some of the body has come already, and decodes the body.
        case sendContinue
        /// It decodes what has come of the body, or receives more.
        case decodeBody
        /// It reports the end of the body to the handler.
        case endBody
        /// It counts and logs a refused body.
        case reportBody
        /// It reads and discards the rest of the body, up to its limit.
        case drainBody
        /// It cancels the handler's task.
        case cancelHandler
        /// It answers with 408, and lingers.
        case rejectLateHead
        /// It answers with 503, and lingers.
        case rejectAtShutdown
        /// It ends the stream of the other protocol, and lingers.
        case endUpgrade
        /// It shuts down its sending side, and reads and discards for a moment.
        case linger
        /// The same, but only if bytes wait to be read; else the connection closes at once.
        case lingerIfBytesWait
        /// It closes the connection in order.
        case close
        /// It closes the connection without a sign that all was sent, such as `close_notify` of TLS.
        case abort
    }
}
