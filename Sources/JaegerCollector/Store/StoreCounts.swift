/// What came in, what is kept and what went, since the collector began.
///
/// At every moment `receivedSpans = refusedSpans + evictedSpans + keptSpans`.
public struct StoreCounts: Sendable, Hashable {
    /// Spans that were handed to the store.
    public internal(set) var receivedSpans = 0
    /// Spans that were not taken, for their trace or span id is zero or malformed.
    public internal(set) var refusedSpans = 0
    /// Spans that went to make room.
    public internal(set) var evictedSpans = 0
    /// Traces that went to make room.
    public internal(set) var evictedTraces = 0
    /// Spans that can be found.
    public internal(set) var keptSpans = 0
    /// Traces that can be found.
    public internal(set) var keptTraces = 0
    /// The memory that the kept spans take, estimated, in bytes.
    public internal(set) var keptBytes = 0
}
