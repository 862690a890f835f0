/// What came in, what is kept and what was evicted, since the collector began.
///
/// At every moment `receivedSpans = refusedSpans + truncatedSpans + evictedSpans + keptSpans`.
public struct StoreCounts: Sendable, Hashable {
    /// Spans that were handed to the store.
    public internal(set) var receivedSpans = 0
    /// Spans that were not taken, for their trace or span id is zero or malformed.
    public internal(set) var refusedSpans = 0
    /// Spans that were not taken, because their trace has as many spans or bytes as one trace may have.
    public internal(set) var truncatedSpans = 0
    /// Spans that were evicted to make room.
    public internal(set) var evictedSpans = 0
    /// Traces that were evicted to make room.
    public internal(set) var evictedTraces = 0
    /// Spans that can be found.
    public internal(set) var keptSpans = 0
    /// Traces that can be found.
    public internal(set) var keptTraces = 0
    /// The memory that the kept spans take, estimated, in bytes.
    public internal(set) var keptBytes = 0
    /// The bound that caused the last eviction; nil while nothing was evicted.
    public internal(set) var effectiveLimit: Limit?

    /// A bound of the whole store.
    public enum Limit: String, Sendable, Hashable {
        /// ``StoreLimits/spansMax``.
        case spansMax
        /// ``StoreLimits/bytesMax``.
        case bytesMax
    }
}
