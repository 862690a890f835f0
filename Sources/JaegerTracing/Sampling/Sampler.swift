/// Decides for each new trace whether its spans are recorded.
///
/// A trace that comes from elsewhere brings the decision along; a debug id bypasses the sampler. A
/// sampler of your own is a value or an object with ``decide(_:)``: it must not wait, for it runs on
/// the thread that starts the span, and it is asked from many threads at once.
public protocol Sampler: Sendable {
    /// Decides on a new trace by its first span.
    func decide(_ candidate: SamplingCandidate) -> SamplingDecision

    /// Ends what the sampler does in the background; it goes on deciding as it last did.
    func close()
}

extension Sampler {
    /// Does nothing: most samplers have no background.
    public func close() {}
}
