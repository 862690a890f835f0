import Synchronization
public import Tracing

/// A span that has not ended: an operation of this process, within a trace.
///
/// It can be used from any thread at any time; changes after its end are ignored. A span of an unsampled trace has a
/// valid context and records nothing else, unless the tracer has a ``FlightRecorder``. It is one heap object, plus one
/// for its tags while it records.
public final class JaegerSpan: Sendable {
    /// The tracer that created the span and that creates its children.
    package let tracer: JaegerTracer
    /// The role of the span, which is also the tag `span.kind`.
    public let kind: SpanKind
    let identity: SpanIdentity
    /// The other values of the service context.
    private let outerContext: ServiceContext?
    /// The trace state and the debug id.
    private let extras: SpanContextExtras
    /// The state that the spans of the trace share while it is undecided whether they are reported; otherwise nil.
    let localTrace: LocalTrace?
    let startMonotonic: Int64
    let phase: Atomic<Phase>
    let record: Mutex<SpanRecord>

    /// Whether changes of the span are recorded.
    enum Phase: UInt8, AtomicRepresentable {
        /// Nothing is recorded.
        case unsampled
        /// Changes are recorded and will be reported.
        case recording
        /// Changes are recorded, and the local trace decides whether they are reported.
        case held
        /// The span has ended.
        case ended
    }

    /// Creates a span as its tracer decided.
    init(
        _ tracer: JaegerTracer, _ kind: SpanKind, _ operationName: String,
        _ beginning: consuming SpanBeginning, _ start: SpanStart, _ outerContext: ServiceContext?
    ) {
        self.tracer = tracer
        self.kind = kind
        self.outerContext = outerContext
        startMonotonic = start.monotonic
        identity = beginning.identity
        extras = beginning.extras
        localTrace = beginning.localTrace
        phase = Atomic(
            beginning.localTrace != nil
                ? .held : beginning.isRecorded ? .recording : .unsampled)
        record = Mutex(
            SpanRecord(
                operationName: operationName, kind, beginning,
                startNanosecondsSinceEpoch: start.nanosecondsSinceEpoch))
    }

    /// The trace that the span belongs to.
    public var traceID: TraceID { identity.traceID }
    /// The id of the span.
    public var spanID: SpanID { identity.spanID }
    /// The id of the parent; nil for a root span.
    public var parentID: SpanID? { identity.parentID.isValid ? identity.parentID : nil }

    /// Whether changes of the span are recorded.
    ///
    /// A recorded span is reported when it ends, with two exceptions: if sampling is deferred, the decision determines
    /// whether it is reported; if a flight recorder holds the trace, its outcome does.
    public var isRecording: Bool {
        let phase = phase.load(ordering: .relaxed)
        return phase == .recording || phase == .held && localTrace?.status != .discarded
    }

    /// Whether the span has ended, so that changes are ignored.
    var hasEnded: Bool { phase.load(ordering: .relaxed) == .ended }

    /// The time since the start by the monotonic clock, in nanoseconds.
    package var ageNanoseconds: UInt64 { UInt64(max(0, Host.monotonicClock &- startMonotonic)) }

    /// The current propagated context of the span; reading it does not resolve sampling (``resolveSampling()``).
    public var spanContext: SpanContext {
        let parent = asParent()
        guard let localTrace = parent.localTrace else { return parent.context }
        var context = parent.context
        context.pendingSampling = localTrace.pendingSampling
        // The trace was decided on in the meantime.
        if localTrace.status == .reported { context.flags.insert(.sampled) }
        return context
    }

    /// Makes the tracer decide on sampling if the decision is pending, and returns the context of the span.
    ///
    /// Injection of the span's context calls it. The decision holds for the whole trace and is not changed by a later
    /// name of the span.
    @discardableResult
    public func resolveSampling() -> SpanContext {
        asParent().resolved()
    }

    /// Returns the span as the parent of a new one, which joins its local trace.
    func asParent() -> SpanParent {
        let (flags, baggage, hasSamplingPriority) = record.withLock {
            ($0.flags, $0.baggage, $0.hasSamplingPriority)
        }
        let localTrace = hasSamplingPriority ? nil : self.localTrace
        let status = localTrace?.status
        return SpanParent(
            context: SpanContext(
                traceID: traceID, spanID: spanID, parentID: parentID,
                flags: status == .reported ? flags.union(.sampled) : flags, baggage: baggage,
                hasRandomTraceID: identity.hasRandomTraceID,
                isSamplingDeferred: identity.isSamplingDeferred, extras: extras),
            localTrace: status?.isPending == true ? localTrace : nil)
    }

    /// The service context in which children of this span run.
    ///
    /// It refers to the span, so that code running in it sees baggage that is set later. It is created at each call:
    /// keep it if you need it often.
    public var context: ServiceContext {
        (outerContext ?? .topLevel).with(self)
    }

    /// The operation, a name of low cardinality.
    public var operationName: String {
        get { record.withLock { $0.operationName } }
        set {
            var name = newValue
            if name.trim(toBytes: tracer.limits.maxOperationNameBytes) {
                tracer.metrics.exceeded(.operationNameBytes)
            }
            // The previous text is released after the lock, because strings may be large.
            record.withLock { record in
                if !hasEnded { swap(&record.operationName, &name) }
            }
            reconsider()
        }
    }

    /// Changes the record, unless the span is no longer recorded.
    func update(_ change: (inout SpanRecord, SpanLimits) -> Void) {
        record.withLock { record in
            // The end acquires the lock after it has changed the phase, so nothing is added after it.
            if isRecording { change(&record, tracer.limits) }
        }
    }

    // MARK: End

    /// Ends the span now and passes it to the reporter, if it records; a second call does nothing.
    public func end() {
        finish(at: nil)
    }

    /// Ends the span at an instant and passes it to the reporter, if it records.
    ///
    /// The duration is measured by the monotonic clock if the instant is the default clock's "now"; otherwise it is the
    /// difference to the start.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard isRecording else { return finish(at: nil) }
        finish(at: SpanStart.explicit(instant))
    }

    private func finish(at explicitEnd: UInt64?) {
        let before = phase.exchange(.ended, ordering: .relaxed)
        switch before {
        case .ended: return
        case .unsampled:
            tracer.metrics.finished(.unsampled)
            notifyObserver(nil)
        case .recording:
            tracer.metrics.finished(.sampled)
            let finished = takeRecord(at: explicitEnd)
            tracer.reporter.report(finished)
            notifyObserver(finished)
        case .held:
            let finished = takeRecord(at: explicitEnd)
            guard let localTrace else { return }
            tracer.metrics.finished(localTrace.sampling)
            localTrace.end(finished, isRoot: localTrace.rootID == spanID)
            notifyObserver(finished)
        }
    }

    private func notifyObserver(_ finished: FinishedSpan?) {
        if tracer.isObserved { tracer.observer?.spanEnded(self, as: finished) }
    }

    private func takeRecord(at explicitEnd: UInt64?) -> FinishedSpan {
        let monotonicEnd = explicitEnd == nil ? Host.monotonicClock : 0
        return record.withLock { record in
            let duration: UInt64
            if let explicitEnd {
                let start = record.startNanosecondsSinceEpoch
                duration = explicitEnd > start ? explicitEnd - start : 0
            } else {
                duration = UInt64(max(0, monotonicEnd &- startMonotonic))
            }
            return record.finish(
                tracer.process, identity, extras.traceState, durationNanoseconds: duration)
        }
    }
}

/// An observer of the start and the end of each span of a tracer, sampled or not.
///
/// Use it to count or tag all spans. Its functions are called concurrently, on the thread that starts or ends the span,
/// and must not block. A tracer without an observer has no overhead.
public protocol SpanObserver: Sendable {
    /// Called after a span has started, with its first tags; more may be set.
    func spanStarted(_ span: JaegerSpan)

    /// Called after a span has ended; changes of the span are now ignored.
    ///
    /// - Parameters:
    ///   - span: The span: its ids, ``JaegerSpan/kind`` and ``JaegerSpan/operationName``.
    ///   - finished: The recorded span, whether or not it is reported; nil if it did not record.
    func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?)
}

extension SpanObserver {
    /// Does nothing.
    public func spanStarted(_ span: JaegerSpan) {}
    /// Does nothing.
    public func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?) {}
}
