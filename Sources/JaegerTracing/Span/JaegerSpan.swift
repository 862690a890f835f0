import Synchronization
public import Tracing

/// A span in the making: an operation of this process, within a trace.
///
/// Any thread may use it at any time; after its end, changes are ignored. A span of an unsampled
/// trace has a valid context and keeps nothing else. It is one heap object, and while it records
/// there is one more for its tags.
public final class JaegerSpan: Sendable {
    /// The tracer that made the span and that will make its children.
    package let tracer: JaegerTracer
    private let identity: SpanIdentity
    /// What else than spans travels in the service context.
    private let surroundings: ServiceContext?
    private let startMonotonic: Int64
    private let phase: Atomic<Phase>
    private let record: Mutex<SpanRecord>

    private enum Phase: UInt8, AtomicRepresentable {
        case unsampled, recording, ended
    }

    /// Makes a span as its tracer decided.
    init(
        _ tracer: JaegerTracer, _ identity: SpanIdentity, _ record: consuming SpanRecord,
        isSampled: Bool, startMonotonic: Int64, surroundings: ServiceContext?
    ) {
        self.tracer = tracer
        self.identity = identity
        self.surroundings = surroundings
        self.startMonotonic = startMonotonic
        phase = Atomic(isSampled ? .recording : .unsampled)
        self.record = Mutex(record)
    }

    /// The trace that the span belongs to.
    public var traceID: TraceID { identity.traceID }
    /// The identity of the span.
    public var spanID: SpanID { identity.spanID }
    /// The identity of the parent; nil for a root.
    public var parentID: SpanID? { identity.parentID.isValid ? identity.parentID : nil }

    /// Whether what is set on the span is kept and will be reported.
    public var isRecording: Bool { phase.load(ordering: .relaxed) == .recording }

    /// What travels of the span, as it is now.
    public var spanContext: SpanContext {
        let (flags, baggage) = record.withLock { ($0.flags, $0.baggage) }
        return SpanContext(
            traceID: traceID, spanID: spanID, parentID: parentID, flags: flags, baggage: baggage)
    }

    /// The service context in which children of this span run.
    ///
    /// It refers to the span, so that baggage set later is seen by whoever runs in it. It is made
    /// anew at each call: whoever needs it often keeps it.
    public var context: ServiceContext {
        (surroundings ?? .topLevel).with(self)
    }

    /// What the span does, of low cardinality.
    public var operationName: String {
        get { record.withLock { $0.operationName } }
        set {
            var name = newValue
            if name.trim(toBytes: tracer.limits.operationNameBytesMax) {
                tracer.metrics.exceeded(.operationNameBytes)
            }
            // The span's own text is let go after the lock: strings may be large.
            record.withLock { record in
                if !hasEnded { swap(&record.operationName, &name) }
            }
        }
    }

    /// Whether the span has ended, so that changes are ignored.
    var hasEnded: Bool { phase.load(ordering: .relaxed) == .ended }

    // MARK: Changes

    /// Sets a tag; the last value of a key wins.
    ///
    /// `sampling.priority` decides on the trace from here on: a number above zero makes it sampled
    /// and asks the backend to keep it, zero makes it unsampled (and the tag is not kept). A span
    /// that becomes sampled so keeps what is set from then on.
    public func setTag(_ key: String, _ value: TagValue) {
        if key.utf8.count == 17, key == "sampling.priority" {
            guard setSamplingPriority(value) else { return }
        }
        guard isRecording else { return }
        let limits = tracer.limits
        if limits.holds(key, value) {
            set(key, value)
        } else {
            var tag = Tag(key, value)
            tracer.metrics.exceeded(.tagBytes)
            limits.trim(&tag)
            set(tag.key, tag.value)
        }
    }

    private func set(_ key: String, _ value: TagValue) {
        let isRefused = record.withLock { record in
            // The end takes the lock after it has changed the phase: nothing is added behind it.
            isRecording && !record.set(key, value, tagCountMax: tracer.limits.tagCountMax)
        }
        if isRefused { tracer.metrics.exceeded(.tagCount) }
    }

    /// Sets several tags under one lock; none may be `sampling.priority`.
    package func setTags(_ tags: [Tag]) {
        guard isRecording else { return }
        var tags = tags
        trim(&tags)
        let refusedCount = record.withLock { record in
            isRecording ? record.set(tags, tagCountMax: tracer.limits.tagCountMax) : 0
        }
        if refusedCount > 0 { tracer.metrics.exceeded(.tagCount, by: refusedCount) }
    }

    /// Adds a log of several fields, now or at an instant in nanoseconds since the Unix epoch.
    public func log(_ fields: [Tag], at nanosecondsSinceEpoch: UInt64? = nil) {
        guard isRecording else { return }
        let limits = tracer.limits
        var kept =
            fields.count > limits.logFieldCountMax
            ? Array(fields.prefix(limits.logFieldCountMax)) : fields
        if kept.count < fields.count { tracer.metrics.exceeded(.logFieldCount) }
        trim(&kept)
        let log = SpanLog(
            nanosecondsSinceEpoch: nanosecondsSinceEpoch ?? Host.wallClock, fields: kept)
        update { record, limits in
            if !record.append(log, limits) { tracer.metrics.exceeded(.logCount) }
        }
    }

    /// Notes a causal relation to another span; ignored if the context names none.
    public func addReference(_ kind: SpanReference.Kind, to other: SpanContext) {
        guard isRecording, other.isValid else { return }
        let reference = SpanReference(kind, traceID: other.traceID, spanID: other.spanID)
        update { record, limits in
            if !record.append(reference, limits) { tracer.metrics.exceeded(.referenceCount) }
        }
    }

    /// The value that travels with the trace under a key, whose case does not matter.
    public func baggageItem(_ key: String) -> String? {
        record.withLock { $0.baggage }[key]
    }

    /// Lets a value travel with the trace from this span on; nil removes it.
    ///
    /// Ignored and counted if the key is not a token (RFC 9110 §5.6.2), if it may not be set or if
    /// the limits of baggage are reached; a value that is too long is cut
    /// (``BaggageRestrictions``). A recording span also logs it.
    public func setBaggageItem(_ key: String, _ value: String?) {
        guard !hasEnded else { return }
        let propagation = tracer.propagation
        let change = record.withLock {
            $0.baggage.set(
                key, value, under: propagation.baggageRestrictions,
                within: propagation.baggageLimits)
        }
        tracer.metrics.baggageUpdated(change)
        if isRecording { log(change.logFields) }
    }

    /// The attributes of the span: its tags, as swift-distributed-tracing has them.
    ///
    /// ``setTag(_:_:)`` is far cheaper than a change through this property, which makes a
    /// dictionary of all tags and takes it apart again. Bytes are not among the attributes.
    public var attributes: SpanAttributes {
        get {
            guard isRecording else { return [:] }
            var attributes = SpanAttributes()
            for tag in record.withLock({ $0.tags }) {
                attributes.set(tag.key, value: tag.value.attribute)
            }
            return attributes
        }
        set {
            if let priority = newValue.get("sampling.priority") {
                guard setSamplingPriority(TagValue(priority)) else { return }
            }
            guard isRecording else { return }
            var tags = newValue.tags
            trim(&tags)
            update { record, limits in
                let refusedCount = record.replaceAttributes(
                    with: tags, tagCountMax: limits.tagCountMax)
                if refusedCount > 0 { tracer.metrics.exceeded(.tagCount, by: refusedCount) }
            }
        }
    }

    private func trim(_ tags: inout [Tag]) {
        let limits = tracer.limits
        // Looked at before anything is written to: the list is somebody else's too and would be copied.
        guard tags.contains(where: { !limits.holds($0.key, $0.value) }) else { return }
        for index in tags.indices where !limits.holds(tags[index].key, tags[index].value) {
            tracer.metrics.exceeded(.tagBytes)
            limits.trim(&tags[index])
        }
    }

    private func update(_ change: (inout SpanRecord, SpanLimits) -> Void) {
        record.withLock { record in
            if isRecording { change(&record, tracer.limits) }
        }
    }

    /// Decides on the trace from here on.
    ///
    /// - Returns: Whether the tag is to be kept.
    private func setSamplingPriority(_ value: TagValue) -> Bool {
        let isWanted: Bool
        switch value {
        case .int(let number): isWanted = number > 0
        case .double(let number): isWanted = number > 0
        case .string, .bool, .binary, .array: return false
        }
        record.withLock { record in
            guard !hasEnded else { return }
            if isWanted {
                record.flags.formUnion([.sampled, .debug])
                beginRecording(&record)
            } else {
                record.flags.subtract([.sampled, .debug])
                let change = phase.compareExchange(
                    expected: .recording, desired: .unsampled, ordering: .relaxed)
                if change.exchanged { record.discardRecording() }
            }
        }
        return isWanted
    }

    private func beginRecording(_ record: inout SpanRecord) {
        guard !isRecording else { return }
        if record.startNanosecondsSinceEpoch == 0 {
            let elapsed = UInt64(max(0, Host.monotonicClock &- startMonotonic))
            record.startNanosecondsSinceEpoch = Host.wallClock &- elapsed
        }
        record.begin()
        _ = phase.compareExchange(expected: .unsampled, desired: .recording, ordering: .relaxed)
    }

    // MARK: End

    /// Ends the span now and hands it to the reporter, if it records; a second end does nothing.
    public func end() {
        finish(at: nil)
    }

    /// Ends the span at an instant.
    ///
    /// The duration is measured by the monotonic clock if the instant is the default clock's
    /// "now"; it is the difference to the start if the instant is another.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard isRecording else { return finish(at: nil) }
        finish(at: SpanStart.explicit(instant))
    }

    private func finish(at explicitEnd: UInt64?) {
        let before = phase.exchange(.ended, ordering: .relaxed)
        if before == .ended { return }
        tracer.metrics.finished(isSampled: before == .recording)
        guard before == .recording else { return }
        let monotonicEnd = explicitEnd == nil ? Host.monotonicClock : 0
        let finished = record.withLock { record in
            let duration: UInt64
            if let explicitEnd {
                let start = record.startNanosecondsSinceEpoch
                duration = explicitEnd > start ? explicitEnd - start : 0
            } else {
                duration = UInt64(max(0, monotonicEnd &- startMonotonic))
            }
            return record.finish(self, durationNanoseconds: duration)
        }
        tracer.reporter.report(finished)
    }
}
