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
