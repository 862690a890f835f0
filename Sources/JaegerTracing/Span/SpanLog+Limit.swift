/// How a span with too many logs keeps its beginning and its end, as Jaeger's client for Go does.
///
/// The older half stays; behind it is one place for the mark of the gap, and behind that a ring of the
/// newest. Fewer than three logs have no room for that, and then the first ones stay.
extension [SpanLog] {
    /// Adds a log to at most so many, some of which were dropped already.
    ///
    /// - Returns: How many had to go.
    mutating func append(_ log: SpanLog, countMax: Int, _ droppedCount: Int) -> Int {
        guard count >= countMax else {
            append(log)
            return 0
        }
        guard countMax >= 3 else { return 1 }
        // The first time, the place of the mark is emptied as well.
        let newlyDroppedCount = droppedCount == 0 ? 2 : 1
        let ring = placeOfMark + 1
        self[ring + (droppedCount + newlyDroppedCount - 2) % (count - ring)] = log
        return newlyDroppedCount
    }

    /// Puts the newest in order and the mark before them.
    mutating func closeGap(_ droppedCount: Int) {
        guard count >= 3 else { return }
        let ring = placeOfMark + 1
        let newest = self[ring...]
        let oldestOfThem = ring + (droppedCount - 1) % newest.count
        let ordered = Array(newest[oldestOfThem...] + newest[..<oldestOfThem])
        replaceSubrange(ring..., with: ordered)
        // It keeps the instant of the first log that is missing.
        self[placeOfMark].fields = [
            SpanTag("event", "logs dropped"),
            SpanTag("dropped_log_count", .int(Int64(droppedCount))),
        ]
    }

    private var placeOfMark: Int { (count - 1) / 2 }
}
