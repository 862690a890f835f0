import HTTPTypes
public import SpoorText

/// One request and its response, while they happen.
///
/// An exchange belongs to its connection's task and is used again for the next request: it must not
/// be kept, which the compiler sees to (it is not Sendable). What a handler wants to keep, such as
/// ``request``, is a value.
public final class Exchange {
    @usableFromInline package let state: TaskConfined<ExchangeState>

    /// What other threads may see of it.
    package let probe = ExchangeProbe()

    private let wire: any ExchangeWire

    package init(wire: any ExchangeWire) {
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

    /// Who is connected to whom.
    @inlinable public package(set) var connection: ConnectionInfo {
        _read { yield state.value.connection }
        _modify { yield &state.value.connection }
    }

    /// The template of the route that was chosen, such as `/hello/{name}`.
    ///
    /// Nil before routing and when no route matched. It has few values, so spans and metrics can be named by it.
    public var route: String? { state.value.route?.text }

    /// What may be asked of the connection under the exchange, wherever the task runs.
    package var transport: any ExchangeTransport { wire }

    /// The connection under the exchange, if the task is on its event loop.
    package var wireIfOnEventLoop: (any ExchangeWire)? { wire.isOnEventLoop ? wire : nil }

    /// Runs on the event loop of the connection, with the connection; changes threads if the task is on another.
    @inline(__always)
    package func onEventLoop<Result>(
        _ body: (any ExchangeWire) async throws -> Result
    ) async throws -> Result {
        if wire.isOnEventLoop { return try await body(wire) }
        var result: Result?
        try await wire.runOnEventLoop { result = try await body(wire) }
        // A loop that has ended runs nothing.
        guard let result else { throw CancellationError() }
        return result
    }

    /// A value that a middleware leaves for those further in (or out); nil until set.
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

    /// Whether a graceful shutdown of the server has begun: for a readiness check, which answers 503 from then on.
    ///
    /// ```swift
    /// routes.get("/readyz") { exchange in
    ///     exchange.isServerShuttingDown ? HTTPResponse.Status.serviceUnavailable : .ok
    /// }
    /// ```
    ///
    /// New connections are accepted for as long as the server's `shutdownDelay` says. To wait for the moment at which the
    /// server stops accepting, use `cancelOnGracefulShutdown()` or `gracefulShutdown()` of ServiceLifecycle.
    public var isServerShuttingDown: Bool { transport.isShuttingDown }

    /// Makes the exchange ready for the next request; memory is kept.
    package func reset() {
        state.value.reset()
    }
}

/// A name under which a middleware leaves a value on the exchange.
public protocol ExchangeKey {
    /// The type of the value.
    associatedtype Value
}
