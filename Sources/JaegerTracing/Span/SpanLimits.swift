/// How much one span may hold, so that no caller and no peer makes a tracer grow without bound.
///
/// What exceeds a limit is cut or left out and counted: in the metric `span_limit_exceeded`, and
/// for tags, logs and references on the span itself (`otel.dropped_attributes_count` and its kin).
public struct SpanLimits: Hashable, Sendable {
    /// The greatest number of tags; 128 as in OpenTelemetry.
    public var maxTagCount: Int { didSet { maxTagCount = max(0, maxTagCount) } }
    /// The greatest number of logs; 128 as for events in OpenTelemetry.
    ///
    /// Beyond it the oldest half and the newest are kept, and one that says what was dropped between.
    public var maxLogCount: Int { didSet { maxLogCount = max(0, maxLogCount) } }
    /// The greatest number of references; 128 as for links in OpenTelemetry.
    public var maxReferenceCount: Int { didSet { maxReferenceCount = max(0, maxReferenceCount) } }
    /// The greatest number of fields of one log, and of tags of one reference; as many as of a span.
    public var maxLogFieldCount: Int { didSet { maxLogFieldCount = max(0, maxLogFieldCount) } }
    /// The longest value in bytes of UTF-8, or in bytes; 4096 holds a stack trace, and no document.
    public var maxTagValueBytes: Int { didSet { maxTagValueBytes = max(0, maxTagValueBytes) } }
    /// The longest key of a tag or log field in bytes of UTF-8; 256.
    public var maxTagKeyBytes: Int { didSet { maxTagKeyBytes = max(0, maxTagKeyBytes) } }
    /// The longest operation name in bytes of UTF-8; 512, for it should be of low cardinality.
    public var maxOperationNameBytes: Int {
        didSet { maxOperationNameBytes = max(0, maxOperationNameBytes) }
    }

    /// Makes limits; what is below zero is taken for zero, here and when it is set.
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

    /// Whether a key and a value need not be cut.
    func holds(_ key: String, _ value: TagValue) -> Bool {
        guard key.utf8.count <= maxTagKeyBytes else { return false }
        return (value.plainByteCount ?? value.byteCount) <= maxTagValueBytes
    }

    /// Cuts a key and a value to size.
    func trim(_ tag: inout SpanTag) {
        tag.key.trim(toBytes: maxTagKeyBytes)
        tag.value.trim(toBytes: maxTagValueBytes)
    }
}

extension TagValue {
    /// What counts against ``SpanLimits/maxTagValueBytes``: the bytes of texts, bytes and arrays, of
    /// which each element counts one at least; a single number is never too large.
    fileprivate var byteCount: Int {
        guard case .array(let values) = self else { return plainByteCount ?? 0 }
        return values.reduce(0) { $0 + max(1, $1.byteCount) }
    }

    /// The same, but nil for an array: it calls nothing, and so the compiler counts no references for it.
    @inline(__always)
    fileprivate var plainByteCount: Int? {
        switch self {
        case .string(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        case .int, .double, .bool: 0
        case .array: nil
        }
    }

    /// Cuts the value to size; of an array the element that crosses the bound is cut, and nothing follows it.
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

/// How a span with too many logs keeps its beginning and its end, as Jaeger's client for Go does.
///
/// The older half stays; behind it is one place for the mark of the gap, and behind that a ring of the
/// newest. Fewer than three logs have no room for that, and then the first ones stay.
extension [SpanLog] {
    /// Adds a log to at most so many, some of which were dropped already.
    ///
    /// - Returns: How many had to go.
    mutating func append(_ log: SpanLog, maxCount: Int, _ droppedCount: Int) -> Int {
        guard count >= maxCount else {
            append(log)
            return 0
        }
        guard maxCount >= 3 else { return 1 }
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
