/// The states, the events and the actions of a client's connection.
extension ClientConnectionMachine {
    /// Where a connection is.
    package enum State: Hashable, Sendable {
        /// No request is under way: it is new, or kept for the next one.
        case idle
        /// A request is under way: how far it and its response are.
        case exchanging(RequestPhase, ResponsePhase)
        /// Another protocol, or a tunnel, begins after the response's head.
        case handedOver
        /// The connection has ended.
        case closed(CloseReason)
    }

    /// How far the request is.
    package enum RequestPhase: UInt8, CaseIterable, Sendable {
        /// Its body is held back until `100 Continue` comes (RFC 9110 §10.1.1).
        case awaitingContinue
        /// There is more to be sent.
        case sending
        /// The kernel has all of it.
        case complete
        /// The rest of it is not sent; a response may come all the same (RFC 9112 §9.5).
        case stopped
    }

    /// How far the response is.
    package enum ResponsePhase: UInt8, CaseIterable, Sendable {
        /// Not a byte of it has come.
        case awaited
        /// A part of a head, or an interim response, has come.
        case head
        /// Its final head has come.
        case body
        /// It has come whole.
        case complete
    }

    /// Why a connection ends.
    package enum CloseReason: UInt8, CaseIterable, Sendable {
        /// The last exchange was completed, and the connection is not to be kept.
        case completed
        /// The response has come whole, and the request was not sent whole.
        case stopped
        /// The exchange failed, or was given up, before a byte of the response had come.
        case unanswered
        /// The exchange failed, or was given up, after a part of the response had come.
        case broken
        /// The peer ended it, or sent something, without a request.
        case peerActed
        /// It was idle for too long, or has become too old.
        case expired
        /// Its place is needed for another connection, or the client has been shut down.
        case evicted
    }

    /// What happens to a connection.
    package enum Event: UInt8, CaseIterable, Sendable {
        /// A request begins.
        case requestStarted
        /// A request begins whose body waits for `100 Continue`.
        case requestExpectingContinueStarted
        /// `100 Continue` has been waited for long enough.
        case continueTimedOut
        /// The kernel has all of the request.
        case requestSent
        /// The peer takes no more of the request.
        case sendingFailed

        /// Bytes of the response have come.
        case bytesReceived
        /// `100 Continue` has come.
        case continueReceived
        /// Another interim response has come.
        case interimReceived
        /// The final head has come, with a status below 300.
        case headReceived
        /// The final head has come, with a status of 300 or above.
        case refusalReceived
        /// A head has come after which another protocol, or a tunnel, begins.
        case protocolSwitched
        /// The last byte of the response has come.
        case responseEnded

        /// The caller is done with the response.
        case readerFinished
        /// The exchange has failed, or was given up.
        case failed

        /// The connection is readable although no request is under way.
        case peerActed
        /// The connection was idle for too long, or has become too old.
        case expired
        /// The place of the connection is needed, or the client has been shut down.
        case evicted
    }

    /// What the driver of the connection does about an event.
    package enum Action: UInt8, CaseIterable, Sendable {
        /// It goes on with what it is doing.
        case proceed
        /// It sends the request, as far as that need not wait.
        case send
        /// It sends the body that was held back.
        case sendBody
        /// It sends nothing more, and notifies the writer of the body.
        case stopSending
        /// It gives the connection back to the pool.
        case release
        /// It closes the connection, and notifies the writer of the body.
        case close
        /// It closes the connection after a sign that nothing is missing, such as `close_notify` of TLS.
        case closeInOrder
    }

    /// Whether the connection can be kept after the present exchange.
    package enum Persistence: UInt8, CaseIterable, Sendable {
        /// The next request may follow (RFC 9112 §9.3).
        case keepAlive
        /// One side has said that it closes, or the end of the response is the end of the connection.
        case close
    }
}
