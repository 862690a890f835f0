public import HTTPTypes
import SpoorText

/// How an exchange has ended: the one rule for log lines, metrics and spans.
///
/// A client that disconnects is not a failure of the server, even if the handler throws because of it.
public struct ExchangeConclusion {
    /// The outcome of the response; logs and metrics use the raw value.
    public enum Outcome: String, Sendable {
        /// The complete response was sent.
        case completed
        /// The client disconnected before the complete response was sent.
        case clientDisconnected = "client_disconnected"
        /// The response was aborted, or never started, for another reason.
        case aborted
    }

    /// The status in logs and metrics if the client disconnected before the server sent one: nginx's code for this
    /// case, which no RFC defines and which is never sent.
    public static let clientClosedRequestCode = 499

    /// The outcome of the response.
    public let outcome: Outcome
    /// The status of the response; nil if its head was not sent, or only as the response to an error of a client that
    /// had disconnected.
    public let status: HTTPResponse.Status?
    /// The error that was thrown, if any.
    public let error: (any Error)?
    /// The external event that interrupted the exchange, or tried to, if any.
    package let interruption: Interruption?
    /// Whether the server failed: the response was aborted, or has a status of 500 or above, or the handler threw
    /// after it had sent the complete response.
    public let isServerFailure: Bool

    /// The status in logs and metrics, in digits; nil if there is none.
    public var statusText: String? {
        if let status { return String(status.code) }
        return outcome == .clientDisconnected ? String(Self.clientClosedRequestCode) : nil
    }
}

extension Exchange {
    /// Returns how the exchange has ended, as seen by a middleware after its `next`.
    ///
    /// If `next` threw before a response was started, the exchange has not ended, and an element further out sends the
    /// response to the error: use `SyncMiddleware/exchangeCompleted(_:_:)`, which is called after that.
    ///
    /// - Parameter thrown: The error that `next` threw.
    public func conclusion(thrown: (any Error)?) -> ExchangeConclusion {
        // The recorded failure may be that of sending the response to the thrown error.
        let error = response.failure ?? thrown
        let interruption = transport.interruption(of: self)
        let isAnsweredByHandler = response.isHeadSent && !state.value.isErrorResponse
        if interruption == .peerDisconnected, !(response.isComplete && isAnsweredByHandler) {
            return ExchangeConclusion(
                outcome: .clientDisconnected, status: isAnsweredByHandler ? response.status : nil,
                error: error, interruption: interruption, isServerFailure: false)
        }
        let outcome = response.isComplete ? ExchangeConclusion.Outcome.completed : .aborted
        let status = response.isHeadSent ? response.status : nil
        let isFailure =
            outcome == .aborted || (status?.code ?? 0) >= 500
            || (error != nil && isAnsweredByHandler)
        return ExchangeConclusion(
            outcome: outcome, status: status, error: error, interruption: interruption,
            isServerFailure: isFailure)
    }
}
