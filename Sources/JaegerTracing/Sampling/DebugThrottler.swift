import Synchronization

/// Decides whether one more trace may be sampled because a debug id came with the request.
///
/// Whoever sends `jaeger-debug-id` has a trace recorded whatever the sampler says; where strangers can
/// send it, a throttler keeps that from becoming a flood. A trace that it denies is sampled or not as
/// any other, and counted as `throttled_debug_spans`.
public protocol DebugThrottler: Sendable {
    /// Whether this trace may bypass the sampler.
    ///
    /// It is asked once for each new trace with a debug id, from many threads at once, on the thread
    /// that starts the span: it must not wait.
    func isAllowed(operationName: String) -> Bool
}

/// Lets so many debug traces a second through, for each operation or in all.
///
/// A bucket of credit that starts full. Only the first 2000 operations get buckets of their own; all
/// the others share one, for names may come from strangers as the debug ids do.
public final class TokenBucketDebugThrottler: DebugThrottler {
    /// What a bucket of credit is for.
    public enum Scope: Sendable {
        /// All operations draw on one bucket.
        case tracer
        /// Each operation has its own, as the throttlers of Jaeger's clients have it.
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

    /// Makes a throttler.
    ///
    /// - Parameters:
    ///   - tracesPerSecond: How many debug traces a second are let through in the long run.
    ///   - burst: How many are let through at once after a pause.
    ///   - scope: Whether the bounds are for the tracer or for each operation.
    public convenience init(
        tracesPerSecond: Double = 1, burst: Int = 10, scope: Scope = .tracer
    ) {
        self.init(
            tracesPerSecond: tracesPerSecond, burst: burst, scope: scope,
            now: { Host.monotonicClock })
    }

    /// Makes a throttler that reads a given monotonic clock, in nanoseconds.
    package init(
        tracesPerSecond: Double, burst: Int, scope: Scope, now: @escaping @Sendable () -> Int64
    ) {
        full = TokenBucket(
            ratePerSecond: tracesPerSecond, maximum: Double(max(0, burst)), now: now())
        state = Mutex(State(shared: full))
        self.scope = scope
        self.now = now
    }

    /// Takes a piece of the credit if there is one.
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
