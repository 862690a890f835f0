import HTTPTypes
public import SpoorText

/// Failures of an exchange: recorded until the end of the chain has reported them.
///
/// The first failure is kept, because later ones are mostly its consequences; only a programming error replaces it.
extension Exchange {
    /// Whether there is a failure that has not been reported.
    @inlinable package var hasFailed: Bool {
        if case .failed = state.value.outcome { true } else { false }
    }

    /// Whether a response was started, or its status set.
    package var isAnswered: Bool {
        !state.value.isOpen || state.value.isResponseStatusSet
    }

    /// Records the first failure, for outer middlewares.
    ///
    /// If no response has started by then, the next response is the response to the error, whichever middleware sends
    /// it.
    package func recordFailure(_ error: any Error) {
        if !response.isHeadSent { state.value.isErrorResponse = true }
        if case .failed = state.value.outcome { return }
        state.value.outcome = .failed(error)
    }

    /// Records an error thrown by a handler or a middleware, and discards what it had written if none of it was sent.
    ///
    /// So any outer middleware can send a response to the error as if nothing had been written.
    package func handlerFailed(with error: any Error) async {
        if state.value.phase == .streaming {
            // An event loop that has stopped sends nothing more, so there is nothing to discard.
            try? await onEventLoop { $0.discardUnsentResponse(of: self) }
        }
        recordFailure(error)
    }

    /// Replaces the recorded failure by an error that it caused.
    package func replaceFailure(by error: any Error) {
        state.value.outcome = .failed(error)
    }

    /// Records a programming error: from then on only the response to that error can be sent.
    ///
    /// If the head was already sent, the error is only reported.
    package func recordProgrammingError(_ error: any Error) {
        state.value.outcome = .failed(error)
        if state.value.phase == .open { state.value.isWithheld = true }
    }

    /// Registers an action to run after the response to an error was sent, which only an outer middleware knows.
    ///
    /// For a middleware through which an error passes before the head is sent. The action runs once, at the latest at
    /// the end of the chain.
    package func afterErrorResponse(_ action: @escaping (Exchange) -> Void) {
        state.value.errorResponseActions.append(action)
    }

    /// Returns the failure that has not been reported yet, and marks it as reported; nil if there is none.
    package func takeFailure() -> (any Error)? {
        guard case .failed(let error) = state.value.outcome else { return nil }
        state.value.outcome = .reported(error)
        return error
    }

    /// Runs the actions that wait for the response to an error.
    package func runErrorResponseActions() {
        let actions = state.value.errorResponseActions
        state.value.errorResponseActions = []
        for action in actions { action(self) }
    }

    /// Returns why the head can no longer be set or sent: a programming error, or because it was already sent.
    func notOpenError() -> any Error {
        if state.value.isWithheld, let failure = state.value.outcome.failure {
            return failure
        }
        return ResponseStateError.headAlreadySent
    }

    /// Removes the status and the headers of a representation that will not be sent, before an error is sent instead.
    ///
    /// The status of an error is 500 unless its response has another. Other headers, such as those of CORS, are kept.
    /// A rejected header is not among them, so the rejection is cleared as well, and so is the mark of a programming
    /// error, which the error response reports.
    package func discardRepresentation() {
        state.value.isWithheld = false
        state.value.responseStatus = .internalServerError
        state.value.isResponseStatusSet = false
        state.value.responseHeaders.clearRejection()
        state.value.responseHeaders.removeRepresentation()
    }
}
