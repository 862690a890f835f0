import SpoorText

/// An observer of the steps of an exchange, called synchronously in the exchange's task.
///
/// A middleware adds one with ``Exchange/addObserver(_:)`` before it calls `next`; a `SyncMiddleware` is added
/// automatically. Observers that were added later, by elements of the chain further in, are called first. An observer
/// must return quickly and must not block: it runs between reads and writes.
public protocol ExchangeObserver {
    /// The steps of which the observer is notified; all by default.
    ///
    /// Steps that no observer of an exchange is interested in cost nothing, so state only those that are used.
    var observedSteps: ExchangeSteps { get }

    /// Called when a route was chosen: ``Exchange/route`` is its template. Nested routers call it repeatedly.
    func routeMatched(_ exchange: Exchange)

    /// Called when the body of the request was read to its end; not for a request without a body.
    func requestBodyRead(_ exchange: Exchange)

    /// Called immediately before the head of the final response is sent: the last opportunity to change
    /// ``ResponseWriter/status`` and ``ResponseWriter/headers``, and the only one to transform the body.
    ///
    /// It sees what handlers and observers further in have set, including `Content-Type`. It is called again if the
    /// response is replaced, before a byte of it was sent, by the response to an error.
    func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody)

    /// Called after the head of the response was passed to the connection, which may buffer it until the first bytes
    /// of the body.
    func responseHeadSent(_ exchange: Exchange)
}

extension ExchangeObserver {
    /// All steps.
    public var observedSteps: ExchangeSteps { .all }

    /// Does nothing.
    public func routeMatched(_ exchange: Exchange) {}

    /// Does nothing.
    public func requestBodyRead(_ exchange: Exchange) {}

    /// Changes nothing.
    public func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {}

    /// Does nothing.
    public func responseHeadSent(_ exchange: Exchange) {}
}

/// A set of steps of an exchange.
public struct ExchangeSteps: OptionSet, Sendable, Hashable {
    /// The bits of the set.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ``ExchangeObserver/routeMatched(_:)``.
    public static let routeMatched = ExchangeSteps(rawValue: 1 << 0)
    /// ``ExchangeObserver/requestBodyRead(_:)``.
    public static let requestBodyRead = ExchangeSteps(rawValue: 1 << 1)
    /// ``ExchangeObserver/responseWillBeSent(_:body:)``.
    public static let responseWillBeSent = ExchangeSteps(rawValue: 1 << 2)
    /// ``ExchangeObserver/responseHeadSent(_:)``.
    public static let responseHeadSent = ExchangeSteps(rawValue: 1 << 3)
    /// All steps.
    public static let all: ExchangeSteps = [
        .routeMatched, .requestBodyRead, .responseWillBeSent, .responseHeadSent,
    ]
}

/// An observer of an exchange, and the version of the request that the element of the chain that added it sees.
struct AddedObserver {
    let observer: any ExchangeObserver
    let requestVersion: Int
}

extension Exchange {
    /// Adds an observer for the rest of the exchange.
    public func addObserver(_ observer: some ExchangeObserver) {
        state.value.observedSteps.formUnion(observer.observedSteps)
        state.value.observers.append(
            AddedObserver(observer: observer, requestVersion: requestVersion))
    }

    /// Whether there is an observer.
    package var isObserved: Bool { !state.value.observers.isEmpty }

    /// Records the matched route, and notifies the observers.
    package func didRoute(_ route: RouteTemplate) {
        state.value.route = route
        if let changes = state.value.changes { changes.routedVersion = changes.version }
        activity.record(route.number)
        guard state.value.observedSteps.contains(.routeMatched) else { return }
        notify(of: .routeMatched) { $0.routeMatched(self) }
    }

    /// Records that the end of the request's body was read.
    func didReadBody() {
        guard !state.value.hasReadBody else { return }
        state.value.hasReadBody = true
        guard state.value.observedSteps.contains(.requestBodyRead) else { return }
        notify(of: .requestBodyRead) { $0.requestBodyRead(self) }
    }

    /// Whether an observer is to be notified before the head of the response is sent.
    var isResponseObserved: Bool { state.value.observedSteps.contains(.responseWillBeSent) }

    /// Notifies the observers that a response with this body will be sent.
    func willSend(_ body: inout OutgoingBody) {
        // Those of a response that was not sent.
        if let changes = state.value.changes {
            changes.responseTransforms = nil
            changes.hasTransformFailed = false
            changes.isBodyOmitted = false
        }
        notify(of: .responseWillBeSent) { $0.responseWillBeSent(self, body: &body) }
    }

    /// Whether the last response was not sent because a transform has thrown an error.
    package var hasTransformFailed: Bool { state.value.changes?.hasTransformFailed ?? false }

    /// Notifies no observer any more before the head of the response is sent.
    package func ignoreResponseObservers() {
        state.value.observedSteps.remove(.responseWillBeSent)
    }

    /// Notifies the observers that the head of the response was passed to the connection.
    func didSendHead() {
        guard state.value.observedSteps.contains(.responseHeadSent) else { return }
        notify(of: .responseHeadSent) { $0.responseHeadSent(self) }
    }

    /// Calls the observers of a step, those that were added last first, each with the request as it sees it.
    @inline(never)
    private func notify(of step: ExchangeSteps, _ call: (any ExchangeObserver) -> Void) {
        for index in state.value.observers.indices.reversed() {
            let added = state.value.observers[index]
            guard added.observer.observedSteps.contains(step) else { continue }
            withRequest(version: added.requestVersion) { call(added.observer) }
        }
    }

    /// The number of bytes of the request's body read so far, without framing and before any transform, or of the
    /// protocol that the connection was upgraded to.
    package var bodyBytesReceived: Int {
        state.value.bodyBytesReceived + (state.value.duplexCounts?.received ?? 0)
    }

    /// The `Content-Type` that a complete response had in addition to its headers; recorded only if there is an
    /// observer.
    package var responseContentType: String? { state.value.responseContentType }
}
