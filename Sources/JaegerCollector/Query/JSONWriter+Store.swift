import SpoorText

/// The answer of `/api/store`, which Jaeger does not have: what the store keeps, what it lost, and its limits.
extension JSONWriter {
    /// Counts and limits as numbers; `effectiveLimit` names the limit that caused the last eviction, or is null.
    mutating func store(_ counts: StoreCounts, _ limits: StoreLimits) {
        object { writer in
            for (name, count) in [
                ("receivedSpans", counts.receivedSpans), ("refusedSpans", counts.refusedSpans),
                ("truncatedSpans", counts.truncatedSpans),
                ("evictedSpans", counts.evictedSpans), ("evictedTraces", counts.evictedTraces),
                ("keptSpans", counts.keptSpans), ("keptTraces", counts.keptTraces),
                ("keptBytes", counts.keptBytes),
                ("spansMax", limits.spansMax), ("bytesMax", limits.bytesMax),
                ("traceSpansMax", limits.traceSpansMax), ("traceBytesMax", limits.traceBytesMax),
            ] {
                writer.key(name)
                writer.integer(count)
            }
            writer.key("effectiveLimit")
            if let limit = counts.effectiveLimit {
                writer.string(limit.rawValue)
            } else {
                writer.null()
            }
        }
    }
}
