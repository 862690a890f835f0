import Synchronization

/// Decides whether another trace may be sampled because the request contains a debug id.
///
/// A client that sends `jaeger-debug-id` has a trace recorded regardless of the sampler; where untrusted clients can
/// send it, a throttler limits the rate. A trace that is not allowed is sampled like any other, and counted as
/// `throttled_debug_spans`.
public protocol DebugThrottler: Sendable {
    /// Returns whether this trace may bypass the sampler.
    ///
    /// Called once for each new trace with a debug id, concurrently, on the thread that starts the span; must not
    /// block.
    func isAllowed(operationName: String) -> Bool
}

/// Allows a limited rate of debug traces, for each operation or in total.
///
/// It is a token bucket that starts full. Only the first 2000 operations have separate buckets; all other operations
/// share one, because names may come from untrusted clients, as the debug ids do.
public final class TokenBucketDebugThrottler: DebugThrottler {
    /// The scope of a token bucket.
    public enum Scope: Sendable {
        /// All operations share one bucket.
        case tracer
        /// Each operation has a separate bucket, as in the throttlers of Jaeger's clients.
        case operation
    }

    private struct State {
        var shared: TokenBucket
        var operations: [String: TokenBucket] = [:]
    }

    private static let maxOperationCount = 2000

    private let state: Mutex<State>
    private let full: TokenBucket
    private let scope: Scope
    private let now: @Sendable () -> Int64

    /// Creates a throttler.
    ///
    /// - Parameters:
    ///   - tracesPerSecond: The average rate of debug traces.
    ///   - burst: The maximum number of debug traces in a row after a pause.
    ///   - scope: Whether the limits apply to the tracer or to each operation.
    public convenience init(
        tracesPerSecond: Double = 1, burst: Int = 10, scope: Scope = .tracer
    ) {
        self.init(
            tracesPerSecond: tracesPerSecond, burst: burst, scope: scope,
            now: { Host.monotonicClock })
    }

    /// Creates a throttler that reads a given monotonic clock, in nanoseconds.
    package init(
        tracesPerSecond: Double, burst: Int, scope: Scope, now: @escaping @Sendable () -> Int64
    ) {
        full = TokenBucket(
            ratePerSecond: tracesPerSecond, maximum: Double(max(0, burst)), now: now())
        state = Mutex(State(shared: full))
        self.scope = scope
        self.now = now
    }

    /// Takes a token if there is one.
    public func isAllowed(operationName: String) -> Bool {
        let now = now()
        return state.withLock { state in
            switch scope {
            case .operation
            where state.operations[operationName] != nil
                || state.operations.count < Self.maxOperationCount:
                state.operations[operationName, default: full].take(now: now)
            case .tracer, .operation: state.shared.take(now: now)
            }
        }
    }
}
