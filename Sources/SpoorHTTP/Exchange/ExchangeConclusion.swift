package import HTTPTypes
import SpoorText

/// How an exchange has ended, by one rule for log lines, metrics and spans.
///
/// A client that disconnects is no failure of the server, whatever the handler threw because of it.
package struct ExchangeConclusion {
    /// What became of the response; the raw value is what logs and metrics say.
    package enum Outcome: String, Sendable {
        /// The response was sent whole.
        case completed
        /// The client disconnected before that.
        case clientDisconnected = "client_disconnected"
        /// The response was broken off, or never begun, for another reason.
        case aborted
    }

    /// What logs and metrics say in place of a status when the client disconnected before it was sent any: nginx's code for
    /// this, which stands in no RFC and is never sent.
    package static let clientClosedRequestCode = 499

    /// What became of the response.
    package let outcome: Outcome
    /// The status of the response; nil if its head was not sent, or only as the answer to an error of a client that had
    /// disconnected.
    package let status: HTTPResponse.Status?
    /// What was thrown, if anything was.
    package let error: (any Error)?
    /// What ended the exchange from outside, or tried to, if anything did.
    package let interruption: Interruption?
    /// Whether the server failed: the response was aborted, or has a status from 500 on, or the handler threw after it had
    /// sent the whole response.
    package let isServerFailure: Bool

    /// The status as logs and metrics say it, in digits; nil if there is none.
    package var statusText: String? {
        if let status { return String(status.code) }
        return outcome == .clientDisconnected ? String(Self.clientClosedRequestCode) : nil
    }
}

extension Exchange {
    /// How the exchange has ended, as seen by a middleware after its `next`.
    ///
    /// If `next` threw before a response was begun, it has not ended: see ``whenSettled(_:)``.
    ///
    /// - Parameter thrown: What `next` threw.
    package func conclusion(thrown: (any Error)?) -> ExchangeConclusion {
        let error = thrown ?? response.failure
        let interruption = transport.interruption(of: self)
        let isAnsweredByHandler = response.isHeadSent && !state.value.isErrorResponse
        if interruption == .peerLeft, !(response.isComplete && isAnsweredByHandler) {
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
