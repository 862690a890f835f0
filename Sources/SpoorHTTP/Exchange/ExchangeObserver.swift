import SpoorText

/// Looks on while an exchange happens, in the exchange's task; a middleware sets one for as long as it runs.
///
/// Of several the innermost counts. What it does must be short: it runs between the bytes.
package protocol ExchangeObserver {
    /// Whether it wants to hear of more than routes.
    var looksAtPhases: Bool { get }

    /// A step is done; each comes once at the most, but for ``ExchangeStep/routed``, which nested routers repeat, and
    /// ``ExchangeStep/responding``, behind which another answer may follow if the first cannot be sent.
    func exchange(_ exchange: Exchange, did step: ExchangeStep)
}

/// A step of an exchange.
package enum ExchangeStep: Sendable {
    /// A route was chosen: ``Exchange/route`` is its template.
    case routed
    /// The handler has read the body of the request to its end; not for a request without one.
    case bodyRead
    /// Status and fields of the response are decided, and go out next: the last chance to add a field.
    case responding
    /// The head of the response has been handed to the wire, and may wait there for the first bytes of the body.
    case responseBegun
}

extension Exchange {
    /// Who looks on; nil for nobody.
    package var observer: (any ExchangeObserver)? {
        get { state.value.observer }
        set { state.value.observer = newValue }
    }

    /// Whether somebody looks on; cheaper to ask than to look for who.
    package var isObserved: Bool { state.value.isObserved }

    /// Notes the route that was chosen, and notifies the observer.
    package func didRoute(_ route: RouteTemplate) {
        state.value.route = route
        probe.note(route.number)
        guard state.value.isObserved, let observer = state.value.observer else { return }
        observer.exchange(self, did: .routed)
    }

    /// Tells who looks on of a step, if it wants to hear of it.
    func did(_ phase: ExchangeStep) {
        guard state.value.arePhasesObserved, let observer = state.value.observer else { return }
        observer.exchange(self, did: phase)
    }

    /// The end of the request's body has been seen.
    func didReadBody() {
        guard !state.value.hasReadBody else { return }
        state.value.hasReadBody = true
        did(.bodyRead)
    }

    /// How many bytes of the request's body were read so far, without framing, and of the protocol that has taken the
    /// connection over from HTTP.
    package var bodyBytesReceived: Int {
        state.value.bodyBytesReceived + (state.value.duplexCounts?.received ?? 0)
    }

    /// The `Content-Type` that a whole response came with beside its headers; known only if somebody looks on.
    package var responseContentType: String? { state.value.responseContentType }
}
