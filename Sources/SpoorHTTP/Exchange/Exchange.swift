import HTTPTypes
public import SpoorText

/// One request and its response while they are in progress.
///
/// An exchange belongs to the task of its connection and is reused for the next request: it must not be kept, which
/// the compiler enforces (it is not Sendable). What a handler may keep, such as ``request``, is a value.
public final class Exchange {
    @usableFromInline package let state: TaskConfined<ExchangeState>

    /// The part of the state that other threads may read.
    package let activity = ExchangeActivity()

    /// The connection; nil while no connection uses the exchange.
    ///
    /// Exclusivity is not checked at run time, which would happen several times per request. This is safe, because
    /// each access is a single load or store.
    @safe @exclusivity(unchecked) private var wire: (any ExchangeWire)?

    package init(wire: (any ExchangeWire)? = nil) {
        self.wire = wire
        state = TaskConfined(ExchangeState())
    }

    deinit {
        state.deallocate()
    }

    /// The head of the request.
    @inlinable public package(set) var request: Request {
        _read { yield state.value.request }
        _modify { yield &state.value.request }
    }

    /// The endpoints and the security of the connection.
    @inlinable public package(set) var connection: ConnectionInfo {
        _read { yield state.value.connection }
        _modify { yield &state.value.connection }
    }

    /// The template of the matched route, such as `/hello/{name}`.
    ///
    /// Nil before routing and if no route matched. It has low cardinality, so spans and metrics can be named after
    /// it.
    public var route: String? { state.value.route?.text }

    /// The id of the trace that the exchange belongs to, in 32 hexadecimal digits, or 16 if it has 64 bits only; nil
    /// unless a tracing middleware has created a span for it.
    public var traceID: String? { state.value.traceIdentity?.traceIDText }

    /// The operations of the connection that may be called on any executor.
    package var transport: any ExchangeTransport { wire ?? DetachedTransport() }

    /// The connection of the exchange, if the task runs on its event loop.
    package var wireIfOnEventLoop: (any ExchangeWire)? {
        guard let wire, wire.isOnEventLoop else { return nil }
        return wire
    }

    /// Runs a closure with the connection on its event loop; changes threads if the task runs on another executor.
    @inline(__always)
    package func onEventLoop<Result>(
        _ body: (any ExchangeWire) async throws -> Result
    ) async throws -> Result {
        // An exchange that was kept after its handler returned has no connection.
        guard let wire else { throw CancellationError() }
        if wire.isOnEventLoop { return try await body(wire) }
        var result: Result?
        try await wire.runOnEventLoop { result = try await body(wire) }
        // An event loop that has stopped runs nothing.
        guard let result else { throw CancellationError() }
        return result
    }

    /// A value that a middleware stores for inner (or outer) middlewares and the handler; nil until set.
    public subscript<Key: ExchangeKey>(key: Key.Type) -> Key.Value? {
        get {
            let id = ObjectIdentifier(key)
            return state.value.attachments.first { $0.key == id }?.value as? Key.Value
        }
        set {
            let id = ObjectIdentifier(key)
            state.value.attachments.removeAll { $0.key == id }
            if let newValue { state.value.attachments.append((id, newValue)) }
        }
    }

    /// The value that an object has stored.
    package func value(of owner: AnyObject) -> Any? {
        let id = ObjectIdentifier(owner)
        return state.value.attachments.first { $0.key == id }?.value
    }

    /// Stores a value of an object, which has none yet.
    package func setValue(_ value: Any, of owner: AnyObject) {
        state.value.attachments.append((ObjectIdentifier(owner), value))
    }

    /// Whether a graceful shutdown of the server has begun: for a readiness check, which responds with 503 from then
    /// on.
    ///
    /// ```swift
    /// routes.get("/readyz") { exchange in
    ///     exchange.isServerShuttingDown ? HTTPResponse.Status.serviceUnavailable : .ok
    /// }
    /// ```
    ///
    /// New connections are still accepted during the server's `shutdownDelay`. To wait for the moment at which the
    /// server stops accepting, use `cancelOnGracefulShutdown()` or `gracefulShutdown()` of ServiceLifecycle.
    public var isServerShuttingDown: Bool { transport.isShuttingDown }

    /// Attaches the exchange to its connection.
    package func attach(to wire: any ExchangeWire) {
        self.wire = wire
    }

    /// Ends the use of the exchange by its connection.
    package func detach() {
        wire = nil
    }

    /// Resets the exchange for the next request; memory is kept.
    package func reset() {
        state.value.reset()
    }
}

/// The span of an exchange, as far as other middlewares need it.
package protocol TraceIdentity: AnyObject {
    /// The trace id in 32 hexadecimal digits, or 16 if it has 64 bits only.
    var traceIDText: String { get }
}

/// A key under which a middleware stores a value on the exchange.
public protocol ExchangeKey {
    /// The type of the value.
    associatedtype Value
}
