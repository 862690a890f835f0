import SpoorText

/// An observer of the steps of an exchange, called in the exchange's task; a middleware sets one for the time it
/// runs.
///
/// If several are set, only the innermost is called. It must return quickly: it runs between reads and writes.
package protocol ExchangeObserver {
    /// Whether it observes all steps; otherwise only routing.
    var observesAllSteps: Bool { get }

    /// Called after a step. Each step occurs at most once, except ``ExchangeStep/routed``, which nested routers
    /// repeat, and ``ExchangeStep/responding``, after which another response may follow if the first cannot be sent.
    func exchange(_ exchange: Exchange, did step: ExchangeStep)
}

/// A step of an exchange.
package enum ExchangeStep: Sendable {
    /// A route was chosen: ``Exchange/route`` is its template.
    case routed
    /// The handler has read the body of the request to its end; not for a request without one.
    case bodyRead
    /// Status and headers of the response are final and are sent next: the last chance to add a header.
    case responding
    /// The head of the response was passed to the connection, and may be buffered there until the first bytes of the
    /// body.
    case responseBegun
}

extension Exchange {
    /// The observer, if any.
    package var observer: (any ExchangeObserver)? {
        get { state.value.observer }
        set { state.value.observer = newValue }
    }

    /// Whether there is an observer; cheaper than reading ``observer``.
    package var isObserved: Bool { state.value.isObserved }

    /// Records the matched route, and notifies the observer.
    package func didRoute(_ route: RouteTemplate) {
        state.value.route = route
        probe.note(route.number)
        guard state.value.isObserved, let observer = state.value.observer else { return }
        observer.exchange(self, did: .routed)
    }

    /// Notifies the observer of a step, if it observes all steps.
    func did(_ phase: ExchangeStep) {
        guard state.value.areAllStepsObserved, let observer = state.value.observer else { return }
        observer.exchange(self, did: phase)
    }

    /// Records that the end of the request's body was read.
    func didReadBody() {
        guard !state.value.hasReadBody else { return }
        state.value.hasReadBody = true
        did(.bodyRead)
    }

    /// The number of bytes of the request's body read so far, without framing, or of the protocol that the connection
    /// was upgraded to.
    package var bodyBytesReceived: Int {
        state.value.bodyBytesReceived + (state.value.duplexCounts?.received ?? 0)
    }

    /// The `Content-Type` that a complete response had in addition to its headers; recorded only if there is an
    /// observer.
    package var responseContentType: String? { state.value.responseContentType }
}
