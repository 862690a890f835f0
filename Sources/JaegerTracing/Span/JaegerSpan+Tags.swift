import Synchronization
public import Tracing

/// The tags of a span, which swift-distributed-tracing calls attributes.
extension JaegerSpan {
    /// Sets a tag; the last value of a key wins.
    ///
    /// The tag `sampling.priority` sets the sampling decision from here on, as in Jaeger's clients. A number above zero sets
    /// the flags sampled and debug (the backend must not downsample the trace) of the span and its later children. It has no
    /// effect, and the tag is not set, if they are set already or the tracer's ``DebugThrottler`` does not allow it. Zero or
    /// less removes both flags; the span is then not recorded. Values that are not numbers are ignored. A span that becomes
    /// sampled in this way records tags and logs that are set later. While the trace is held, because its sampler is undecided
    /// or because of a ``FlightRecorder``, the decision applies to all its spans in this process.
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
        let isRejected = record.withLock { record in
            isRecording && !record.set(key, value, maxTagCount: tracer.limits.maxTagCount)
        }
        if isRejected { tracer.metrics.exceeded(.tagCount) }
        reconsider()
    }

    /// Sets the tags that a span is started with.
    func setFirstTags(_ tags: [SpanTag]) {
        guard tags.contains(where: { $0.key == "sampling.priority" }) else { return setTags(tags) }
        // This tag first: the others are lost on a span that is not recording yet.
        for tag in tags where tag.key == "sampling.priority" { setTag(tag.key, tag.value) }
        setTags(tags.filter { $0.key != "sampling.priority" })
    }

    /// Sets several tags under one lock; none may be `sampling.priority`.
    package func setTags(_ tags: [SpanTag]) {
        guard isRecording else { return }
        var tags = tags
        trim(&tags)
        let rejectedCount = record.withLock { record in
            isRecording ? record.set(tags, maxTagCount: tracer.limits.maxTagCount) : 0
        }
        if rejectedCount > 0 { tracer.metrics.exceeded(.tagCount, by: rejectedCount) }
        reconsider()
    }

    /// The attributes of the span: its tags, as swift-distributed-tracing represents them.
    ///
    /// ``setTag(_:_:)`` is far cheaper than a change through this property, which creates a dictionary of all tags and
    /// compares it afterwards. Binary values are not included. Only differences are set or removed, so that tags set by
    /// other threads are kept.
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

    /// Sets and removes the differences; tags that attributes cannot express are kept.
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
            let rejectedCount = record.change(
                changed, removing: removed.map(\.key), maxTagCount: limits.maxTagCount)
            if rejectedCount > 0 { tracer.metrics.exceeded(.tagCount, by: rejectedCount) }
        }
        reconsider()
    }

    /// Truncates tags that are too long, and counts them.
    func trim(_ tags: inout [SpanTag]) {
        let limits = tracer.limits
        // Checked before anything is changed: the list is shared and would be copied.
        guard tags.contains(where: { !limits.holds($0.key, $0.value) }) else { return }
        for index in tags.indices where !limits.holds(tags[index].key, tags[index].value) {
            tracer.metrics.exceeded(.tagBytes)
            limits.trim(&tags[index])
        }
    }

    /// Returns the fields of one log or one reference, limited in number and length; what is dropped or truncated is
    /// counted.
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

/// Conveniences for ``JaegerSpan/setTag(_:_:)`` and ``JaegerSpan/log(_:at:)``.
extension JaegerSpan {
    /// Sets a tag of any type that Jaeger supports; integers beyond 64 bits are converted to text.
    @inlinable
    public func setTag(_ key: String, _ value: some TagValueConvertible) {
        setTag(key, value.tagValue)
    }

    /// Adds a log that has only an event name.
    public func log(event: String) {
        log([SpanTag("event", .string(event))])
    }
}
