/// The limits of one span, so that no caller and no peer makes a tracer grow without bound.
///
/// What exceeds a limit is truncated or dropped and counted: in the metric `span_limit_exceeded`, and for tags, logs
/// and references in a tag of the span (such as `otel.dropped_attributes_count`).
public struct SpanLimits: Hashable, Sendable {
    /// The maximum number of tags; 128 as in OpenTelemetry.
    public var maxTagCount: Int { didSet { maxTagCount = max(0, maxTagCount) } }
    /// The maximum number of logs; 128 as for events in OpenTelemetry.
    ///
    /// Beyond it the oldest half and the newest are kept, and between them a log with the number of dropped logs.
    public var maxLogCount: Int { didSet { maxLogCount = max(0, maxLogCount) } }
    /// The maximum number of references; 128 as for links in OpenTelemetry.
    public var maxReferenceCount: Int { didSet { maxReferenceCount = max(0, maxReferenceCount) } }
    /// The maximum number of fields of one log, and of tags of one reference; 128 as for tags.
    public var maxLogFieldCount: Int { didSet { maxLogFieldCount = max(0, maxLogFieldCount) } }
    /// The maximum length of a value in bytes (of UTF-8 for texts); 4096 holds a stack trace, but not a document.
    public var maxTagValueBytes: Int { didSet { maxTagValueBytes = max(0, maxTagValueBytes) } }
    /// The maximum length of the key of a tag or log field in bytes of UTF-8; 256.
    public var maxTagKeyBytes: Int { didSet { maxTagKeyBytes = max(0, maxTagKeyBytes) } }
    /// The maximum length of an operation name in bytes of UTF-8; 512, because it should be of low cardinality.
    public var maxOperationNameBytes: Int {
        didSet { maxOperationNameBytes = max(0, maxOperationNameBytes) }
    }

    /// Creates limits; values below zero count as zero, here and when a property is set.
    public init(
        maxTagCount: Int = 128,
        maxLogCount: Int = 128,
        maxReferenceCount: Int = 128,
        maxLogFieldCount: Int = 128,
        maxTagValueBytes: Int = 4096,
        maxTagKeyBytes: Int = 256,
        maxOperationNameBytes: Int = 512
    ) {
        self.maxTagCount = max(0, maxTagCount)
        self.maxLogCount = max(0, maxLogCount)
        self.maxReferenceCount = max(0, maxReferenceCount)
        self.maxLogFieldCount = max(0, maxLogFieldCount)
        self.maxTagValueBytes = max(0, maxTagValueBytes)
        self.maxTagKeyBytes = max(0, maxTagKeyBytes)
        self.maxOperationNameBytes = max(0, maxOperationNameBytes)
    }

    /// Returns whether a key and a value are within the limits.
    func holds(_ key: String, _ value: TagValue) -> Bool {
        guard key.utf8.count <= maxTagKeyBytes else { return false }
        return (value.plainByteCount ?? value.byteCount) <= maxTagValueBytes
    }

    /// Truncates a key and a value to the limits.
    func trim(_ tag: inout SpanTag) {
        tag.key.trim(toBytes: maxTagKeyBytes)
        tag.value.trim(toBytes: maxTagValueBytes)
    }
}

extension TagValue {
    /// The size that counts against ``SpanLimits/maxTagValueBytes``: the bytes of texts, binary values and arrays, in
    /// which each element counts as at least one; numbers count as zero.
    fileprivate var byteCount: Int {
        guard case .array(let values) = self else { return plainByteCount ?? 0 }
        return values.reduce(0) { $0 + max(1, $1.byteCount) }
    }

    /// The same size, but nil for an array: it calls no function, so the compiler needs no reference counting for it.
    @inline(__always)
    fileprivate var plainByteCount: Int? {
        switch self {
        case .string(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        case .int, .double, .bool: 0
        case .array: nil
        }
    }

    /// Truncates the value to a size; in an array the element that crosses the limit is truncated, and the elements
    /// after it are dropped.
    fileprivate mutating func trim(toBytes maxByteCount: Int) {
        switch self {
        case .string(var text):
            text.trim(toBytes: maxByteCount)
            self = .string(text)
        case .binary(let bytes):
            self = .binary(Array(bytes.prefix(maxByteCount)))
        case .array(let values):
            var remaining = maxByteCount
            var kept: [TagValue] = []
            for var value in values where remaining > 0 {
                let byteCount = max(1, value.byteCount)
                if byteCount > remaining { value.trim(toBytes: remaining) }
                remaining -= min(byteCount, remaining)
                kept.append(value)
            }
            self = .array(kept)
        case .int, .double, .bool: break
        }
    }
}

/// How a span with too many logs keeps its first and its last logs, as in Jaeger's Go client.
///
/// The older half is kept; after it is one slot for the marker of the gap, and after that a ring buffer of the newest
/// logs. If the limit is less than three there is no room for that, and only the first logs are kept.
extension [SpanLog] {
    /// Adds a log within a limit, when `droppedCount` logs have been dropped already.
    ///
    /// - Returns: The number of logs that were dropped.
    mutating func append(_ log: SpanLog, maxCount: Int, _ droppedCount: Int) -> Int {
        guard count >= maxCount else {
            append(log)
            return 0
        }
        guard maxCount >= 3 else { return 1 }
        // The first time, the slot of the marker is emptied as well.
        let newlyDroppedCount = droppedCount == 0 ? 2 : 1
        let ring = markerIndex + 1
        self[ring + (droppedCount + newlyDroppedCount - 2) % (count - ring)] = log
        return newlyDroppedCount
    }

    /// Orders the newest logs and inserts the marker before them.
    mutating func closeGap(_ droppedCount: Int) {
        guard count >= 3 else { return }
        let ring = markerIndex + 1
        let newest = self[ring...]
        let oldestOfThem = ring + (droppedCount - 1) % newest.count
        let ordered = Array(newest[oldestOfThem...] + newest[..<oldestOfThem])
        replaceSubrange(ring..., with: ordered)
        // The marker keeps the time of the first dropped log.
        self[markerIndex].fields = [
            SpanTag("event", "logs dropped"),
            SpanTag("dropped_log_count", .int(Int64(droppedCount))),
        ]
    }

    private var markerIndex: Int { (count - 1) / 2 }
}
