import Tracing

/// The mutable state of a span, which ``JaegerSpan`` protects by a lock.
struct SpanRecord {
    var operationName: String
    var flags: TraceFlags
    var baggage: Baggage
    /// Zero while the span is not recorded, because it is not needed.
    var startNanosecondsSinceEpoch: UInt64
    /// Whether `sampling.priority` has decided on the span, instead of its local trace.
    var hasSamplingPriority = false
    private(set) var tags: [SpanTag] = []
    private(set) var logs: [SpanLog] = []
    private(set) var references: [SpanReference] = []
    private var droppedTagCount = 0
    private var droppedLogCount = 0
    private var droppedReferenceCount = 0

    /// Creates the record of a span as its tracer decided, with its kind and the decision as tags.
    init(
        operationName: String, _ kind: SpanKind, _ beginning: borrowing SpanBeginning,
        startNanosecondsSinceEpoch: UInt64
    ) {
        self.operationName = operationName
        flags = beginning.flags
        baggage = beginning.baggage
        self.startNanosecondsSinceEpoch = startNanosecondsSinceEpoch
        if beginning.isRecorded {
            begin(kind)
            for tag in beginning.tags { tags.append(tag) }
        }
    }

    /// Starts to record tags, with capacity for a usual number of tags, in one allocation.
    mutating func begin(_ kind: SpanKind) {
        tags.reserveCapacity(12)
        tags.append(kind.tag)
    }

    /// Sets a tag: the last value of a key wins, at the position of the first.
    ///
    /// - Returns: Whether the limit allowed it.
    mutating func set(_ key: String, _ value: TagValue, maxTagCount: Int) -> Bool {
        let count = key.utf8.count
        // Most keys differ in length, which is checked without a comparison of texts.
        for index in tags.indices where tags[index].key.utf8.count == count {
            guard tags[index].key == key else { continue }
            tags[index].value = value
            return true
        }
        guard tags.count < maxTagCount else {
            droppedTagCount += 1
            return false
        }
        tags.append(SpanTag(key, value))
        return true
    }

    /// Sets several tags.
    ///
    /// - Returns: The number of tags that were dropped because of the limit.
    mutating func set(_ new: [SpanTag], maxTagCount: Int) -> Int {
        var rejectedCount = 0
        for tag in new where !set(tag.key, tag.value, maxTagCount: maxTagCount) {
            rejectedCount += 1
        }
        return rejectedCount
    }

    /// Removes the tags of some keys and sets others.
    ///
    /// - Returns: The number of tags that were dropped because of the limit.
    mutating func change(_ new: [SpanTag], removing keys: [String], maxTagCount: Int) -> Int {
        if !keys.isEmpty { tags.removeAll { keys.contains($0.key) } }
        return set(new, maxTagCount: maxTagCount)
    }

    /// Sets the tags of a status, replacing those of an earlier status; `OK` is final.
    ///
    /// - Returns: The number of tags that were dropped because of the limit.
    mutating func setStatus(_ new: [SpanTag], maxTagCount: Int) -> Int {
        guard !tags.contains(SpanTag("otel.status_code", "OK")) else { return 0 }
        let stale = ["error", "otel.status_description"].filter { key in
            !new.contains { $0.key == key }
        }
        tags.removeAll { stale.contains($0.key) }
        return set(new, maxTagCount: maxTagCount)
    }

    /// Adds a log, within the limit.
    ///
    /// - Returns: The number of logs that were dropped.
    mutating func append(_ log: SpanLog, _ limits: SpanLimits) -> Int {
        let droppedCount = logs.append(log, maxCount: limits.maxLogCount, droppedLogCount)
        droppedLogCount += droppedCount
        return droppedCount
    }

    /// Adds a reference.
    ///
    /// - Returns: Whether the limit allowed it.
    mutating func append(_ reference: SpanReference, _ limits: SpanLimits) -> Bool {
        guard references.count < limits.maxReferenceCount else {
            droppedReferenceCount += 1
            return false
        }
        references.append(reference)
        return true
    }

    /// Discards everything except what children need.
    mutating func discardRecording() {
        tags = []
        logs = []
        references = []
        droppedTagCount = 0
        droppedLogCount = 0
        droppedReferenceCount = 0
    }

    /// Moves the values for the reporter out of the record; only what children need is left.
    mutating func finish(
        _ process: TracedProcess, _ identity: SpanIdentity, _ traceState: TraceState?,
        durationNanoseconds: UInt64
    ) -> FinishedSpan {
        if let traceState {
            tags.append(SpanTag("w3c.tracestate", .string(traceState.description)))
        }
        if droppedLogCount > 0 { logs.closeGap(droppedLogCount) }
        addDroppedCount("otel.dropped_attributes_count", droppedTagCount)
        addDroppedCount("otel.dropped_events_count", droppedLogCount)
        addDroppedCount("otel.dropped_links_count", droppedReferenceCount)
        let finished = FinishedSpan(
            process: process, traceID: identity.traceID, spanID: identity.spanID,
            parentID: identity.parentID.isValid ? identity.parentID : nil,
            isParentRemote: identity.isParentRemote, flags: flags,
            hasRandomTraceID: identity.hasRandomTraceID,
            operationName: operationName,
            references: references, startNanosecondsSinceEpoch: startNanosecondsSinceEpoch,
            durationNanoseconds: durationNanoseconds, tags: tags, logs: logs)
        discardRecording()
        return finished
    }

    private mutating func addDroppedCount(_ key: String, _ count: Int) {
        if count > 0 { tags.append(SpanTag(key, .int(Int64(count)))) }
    }
}

extension SpanKind {
    /// The role of a span as a tag.
    fileprivate var tag: SpanTag {
        switch self {
        case .server: SpanTag("span.kind", "server")
        case .client: SpanTag("span.kind", "client")
        case .producer: SpanTag("span.kind", "producer")
        case .consumer: SpanTag("span.kind", "consumer")
        case .internal: SpanTag("span.kind", "internal")
        }
    }
}
