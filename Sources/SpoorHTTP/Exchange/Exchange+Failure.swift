import HTTPTypes
public import SpoorText

/// What goes wrong in an exchange: kept until the end of the chain has reported it.
///
/// The first failure counts, because later ones are mostly its consequences; a mistake of the program takes its place.
extension Exchange {
    /// Whether something went wrong that has not been reported.
    @inlinable package var hasFailed: Bool {
        if case .failed = state.value.outcome { true } else { false }
    }

    /// Whether a response was begun, or its status set.
    package var isAnswered: Bool {
        !state.value.isOpen || state.value.isResponseStatusSet
    }

    /// Keeps the first thing that went wrong, for middlewares further out.
    ///
    /// A response that has not begun by then is the response to the error, no matter where it is sent.
    package func noteFailure(_ error: any Error) {
        if !response.isHeadSent { state.value.isErrorResponse = true }
        if case .failed = state.value.outcome { return }
        state.value.outcome = .failed(error)
    }

    /// Notes what was thrown by a handler or a middleware, and takes back what it had written if nothing of that has left.
    ///
    /// So a response to the error can be sent by any middleware further out, as if nothing had been written.
    package func handlerFailed(with error: any Error) async {
        if state.value.phase == .streaming {
            // A loop that has ended sends nothing more, so there is nothing to take back.
            try? await onEventLoop { $0.discardUnsentResponse(of: self) }
        }
        noteFailure(error)
    }

    /// Keeps an error in place of the one that led to it.
    package func replaceFailure(by error: any Error) {
        state.value.outcome = .failed(error)
    }

    /// Keeps a mistake of the program: nothing can be sent any more but the response to that error.
    ///
    /// After the head is out it is only reported.
    package func noteMistake(_ error: any Error) {
        state.value.outcome = .failed(error)
        if state.value.phase == .open { state.value.isWithheld = true }
    }

    /// Has an action run when the response to an error is out, which is known further out only.
    ///
    /// For a middleware through which an error passes before the head is out. It runs once, at the latest at the end of
    /// the chain.
    package func whenSettled(_ action: @escaping (Exchange) -> Void) {
        state.value.settledActions.append(action)
    }

    /// The failure that has not been reported yet, which counts as reported then; nil if there is none.
    package func takeFailure() -> (any Error)? {
        guard case .failed(let error) = state.value.outcome else { return nil }
        state.value.outcome = .settled(error)
        return error
    }

    /// Runs what waits for the response to an error.
    package func runSettledActions() {
        let actions = state.value.settledActions
        state.value.settledActions = []
        for action in actions { action(self) }
    }

    /// Why the head can no longer be set or sent: a mistake of the program, or that it is out.
    func notOpenError() -> any Error {
        if state.value.isWithheld, let failure = state.value.outcome.failure {
            return failure
        }
        return ResponseStateError.headAlreadySent
    }

    /// Removes the status and the fields of a representation that will not be sent, before an error is sent in its place.
    ///
    /// The status of an error is 500 unless its response has another. Headers of another kind, such as those that allow
    /// cross-origin requests, stay. A field that was refused is not among them, so the refusal is removed as well; and so is
    /// the mark of a mistake, which the error reports.
    package func discardRepresentation() {
        state.value.isWithheld = false
        state.value.responseStatus = .internalServerError
        state.value.isResponseStatusSet = false
        state.value.responseHeaders.forgetRefusal()
        state.value.responseHeaders.removeRepresentation()
    }
}
