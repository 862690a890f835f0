import Synchronization
public import Tracing

/// What is known of the operation: tags, which swift-distributed-tracing calls attributes.
extension JaegerSpan {
    /// Sets a tag; the last value of a key wins.
    ///
    /// The tag `sampling.priority` decides on the trace from here on, as in Jaeger's clients. A number
    /// above zero makes the span and its later children sampled and asks the backend to keep them
    /// (debug), unless they are debug already or the tracer's ``DebugThrottler`` refuses: then
    /// nothing changes and the tag is not kept. Zero (or less) takes sampled and debug away; the tag is
    /// not kept, for nothing is. Anything but a number is ignored. A span that becomes sampled so
    /// keeps what is set from then on. While the trace is held, because its sampler is undecided or
    /// a ``FlightRecorder`` watches, the decision is on all its spans in this process.
    public func setTag(_ key: String, _ value: TagValue) {
        if key.utf8.count == 17, key == "sampling.priority" {
            guard setSamplingPriority(value) else { return }
        }
        guard isRecording else { return }
        let limits = tracer.limits
        if limits.holds(key, value) {
            set(key, value)
        } else {
            var tag = SpanTag(key, value)
            tracer.metrics.exceeded(.tagBytes)
            limits.trim(&tag)
            set(tag.key, tag.value)
        }
    }

    private func set(_ key: String, _ value: TagValue) {
        let isRefused = record.withLock { record in
            isRecording && !record.set(key, value, maxTagCount: tracer.limits.maxTagCount)
        }
        if isRefused { tracer.metrics.exceeded(.tagCount) }
        reconsider()
    }

    /// Sets the tags that a span is started with.
    func setFirstTags(_ tags: [SpanTag]) {
        guard tags.contains(where: { $0.key == "sampling.priority" }) else { return setTags(tags) }
        // It first: the others are lost on a span that is not recording yet.
        for tag in tags where tag.key == "sampling.priority" { setTag(tag.key, tag.value) }
        setTags(tags.filter { $0.key != "sampling.priority" })
    }

    /// Sets several tags under one lock; none may be `sampling.priority`.
    package func setTags(_ tags: [SpanTag]) {
        guard isRecording else { return }
        var tags = tags
        trim(&tags)
        let refusedCount = record.withLock { record in
            isRecording ? record.set(tags, maxTagCount: tracer.limits.maxTagCount) : 0
        }
        if refusedCount > 0 { tracer.metrics.exceeded(.tagCount, by: refusedCount) }
        reconsider()
    }

    /// The attributes of the span: its tags, as swift-distributed-tracing has them.
    ///
    /// ``setTag(_:_:)`` is far cheaper than a change through this property, which makes a
    /// dictionary of all tags and takes it apart again. Bytes are not among the attributes. Only what
    /// differs afterwards is set or removed, so that tags of other threads stay.
    public var attributes: SpanAttributes {
        get { Self.attributes(of: keptTags) }
        _modify {
            let before = keptTags
            var attributes = Self.attributes(of: before)
            defer { change(before, to: attributes.tags) }
            yield &attributes
        }
    }

    private var keptTags: [SpanTag] { isRecording ? record.withLock { $0.tags } : [] }

    private static func attributes(of tags: [SpanTag]) -> SpanAttributes {
        var attributes = SpanAttributes()
        for tag in tags { attributes.set(tag.key, value: tag.value.attribute) }
        return attributes
    }

    /// Sets and removes what differs; what attributes cannot express stays.
    private func change(_ before: [SpanTag], to after: [SpanTag]) {
        var changed = after.filter { !before.contains($0) }
        if let priority = changed.first(where: { $0.key == "sampling.priority" }),
            !setSamplingPriority(priority.value)
        {
            changed.removeAll { $0.key == "sampling.priority" }
        }
        guard isRecording else { return }
        let removed = before.filter { old in
            old.value.attribute != nil && !after.contains { $0.key == old.key }
        }
        guard !changed.isEmpty || !removed.isEmpty else { return }
        trim(&changed)
        update { record, limits in
            let refusedCount = record.change(
                changed, removing: removed.map(\.key), maxTagCount: limits.maxTagCount)
            if refusedCount > 0 { tracer.metrics.exceeded(.tagCount, by: refusedCount) }
        }
        reconsider()
    }

    /// Cuts what is too long, and counts it.
    func trim(_ tags: inout [SpanTag]) {
        let limits = tracer.limits
        // Looked at before anything is written to: the list is somebody else's too and would be copied.
        guard tags.contains(where: { !limits.holds($0.key, $0.value) }) else { return }
        for index in tags.indices where !limits.holds(tags[index].key, tags[index].value) {
            tracer.metrics.exceeded(.tagBytes)
            limits.trim(&tags[index])
        }
    }

    /// Leaves out and cuts what is too much for one log or one reference, and counts it.
    func fitting(_ fields: [SpanTag]) -> [SpanTag] {
        let limits = tracer.limits
        var kept = fields
        if fields.count > limits.maxLogFieldCount {
            kept = Array(fields.prefix(limits.maxLogFieldCount))
            tracer.metrics.exceeded(.logFieldCount)
        }
        trim(&kept)
        return kept
    }
}

/// Sugar: what can be said with ``JaegerSpan/setTag(_:_:)`` and ``JaegerSpan/log(_:at:)`` as well.
extension JaegerSpan {
    /// Sets a tag of any type that Jaeger knows; whole numbers beyond 64 bits become their text.
    @inlinable
    public func setTag(_ key: String, _ value: some TagValueConvertible) {
        setTag(key, value.tagValue)
    }

    /// Adds a log of an event that needs no other words.
    public func log(event: String) {
        log([SpanTag("event", .string(event))])
    }
}
