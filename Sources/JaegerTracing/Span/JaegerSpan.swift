import Synchronization
public import Tracing

/// A span in the making: an operation of this process, within a trace.
///
/// Any thread may use it at any time; after its end, changes are ignored. A span of an unsampled
/// trace has a valid context and keeps nothing else, unless a ``FlightRecorder`` watches. It is one
/// heap object, and while it records there is one more for its tags.
public final class JaegerSpan: Sendable {
    /// The tracer that made the span and that will make its children.
    package let tracer: JaegerTracer
    /// What the span is to its peer, as the tag `span.kind` has it.
    public let kind: SpanKind
    let identity: SpanIdentity
    /// What else than spans travels in the service context.
    private let surroundings: ServiceContext?
    /// The trace's state.
    private let extras: SpanContextExtras
    /// Shared with the other spans of the trace while it is open whether they are reported; else nil.
    let localTrace: LocalTrace?
    let startMonotonic: Int64
    let phase: Atomic<Phase>
    let record: Mutex<SpanRecord>

    /// What becomes of what is set on the span.
    enum Phase: UInt8, AtomicRepresentable {
        /// Nothing is kept.
        case unsampled
        /// It is kept and will be reported.
        case recording
        /// It is kept, and the local trace knows whether it will be reported.
        case held
        /// It is too late.
        case ended
    }

    /// Makes a span as its tracer decided.
    init(
        _ tracer: JaegerTracer, _ kind: SpanKind, _ operationName: String,
        _ beginning: consuming SpanBeginning, _ start: SpanStart, _ surroundings: ServiceContext?
    ) {
        self.tracer = tracer
        self.kind = kind
        self.surroundings = surroundings
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
    /// The identity of the span.
    public var spanID: SpanID { identity.spanID }
    /// The identity of the parent; nil for a root.
    public var parentID: SpanID? { identity.parentID.isValid ? identity.parentID : nil }

    /// Whether what is set on the span is kept.
    ///
    /// It will be reported then, but for the span of a trace whose sampler is undecided or that a
    /// flight recorder watches.
    public var isRecording: Bool {
        let phase = phase.load(ordering: .relaxed)
        return phase == .recording || phase == .held && localTrace?.verdict != .forgotten
    }

    /// Whether the span has ended, so that changes are ignored.
    var hasEnded: Bool { phase.load(ordering: .relaxed) == .ended }

    /// How long ago the span began, by the monotonic clock, in nanoseconds.
    package var ageNanoseconds: UInt64 { UInt64(max(0, Host.monotonicClock &- startMonotonic)) }

    /// What is propagated of the span, as it is now; reading it decides nothing (``resolveSampling()``).
    public var spanContext: SpanContext {
        let parent = asParent()
        guard let localTrace = parent.localTrace else { return parent.context }
        var context = parent.context
        context.pendingSampling = localTrace.pendingSampling
        // Decided in between.
        if localTrace.verdict == .kept { context.flags.insert(.sampled) }
        return context
    }

    /// Makes the tracer decide on sampling if that is still open, and returns what is propagated of the span.
    ///
    /// Injection of the span's context does so. The decision holds for the whole trace and cannot be changed by a later name
    /// of the span.
    @discardableResult
    public func resolveSampling() -> SpanContext {
        asParent().resolved()
    }

    /// The span as the parent of a new one, which joins its local trace.
    func asParent() -> SpanParent {
        let (flags, baggage, isOnItsOwn) = record.withLock {
            ($0.flags, $0.baggage, $0.isOnItsOwn)
        }
        let localTrace = isOnItsOwn ? nil : self.localTrace
        let verdict = localTrace?.verdict
        return SpanParent(
            context: SpanContext(
                traceID: traceID, spanID: spanID, parentID: parentID,
                flags: verdict == .kept ? flags.union(.sampled) : flags, baggage: baggage,
                hasRandomTraceID: identity.hasRandomTraceID,
                isSamplingDeferred: identity.isSamplingDeferred, extras: extras),
            localTrace: verdict?.isOpen == true ? localTrace : nil)
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
            if name.trim(toBytes: tracer.limits.maxOperationNameBytes) {
                tracer.metrics.exceeded(.operationNameBytes)
            }
            // The span's own text is let go after the lock: strings may be large.
            record.withLock { record in
                if !hasEnded { swap(&record.operationName, &name) }
            }
            reconsider()
        }
    }

    /// Changes the record, unless nothing is kept any more.
    func update(_ change: (inout SpanRecord, SpanLimits) -> Void) {
        record.withLock { record in
            // The end takes the lock after it has changed the phase: nothing is added behind it.
            if isRecording { change(&record, tracer.limits) }
        }
    }

    // MARK: End

    /// Ends the span now and hands it to the reporter, if it records; a second end does nothing.
    public func end() {
        finish(at: nil)
    }

    /// Ends the span at an instant, and hands it to the reporter, if it records.
    ///
    /// The duration is measured by the monotonic clock if the instant is the default clock's
    /// "now"; it is the difference to the start if the instant is another.
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

/// Notified of the start and the end of every span of a tracer, sampled or not.
///
/// For what counts or tags spans wherever they are made. It is called on the thread that begins or
/// ends the span, from many threads at once, and must not wait. A tracer without one pays nothing.
public protocol SpanObserver: Sendable {
    /// A span has begun, with its first tags; it may be given more.
    func spanStarted(_ span: JaegerSpan)

    /// A span has ended; what is set on it now is ignored.
    ///
    /// - Parameters:
    ///   - span: The span: its ids, ``JaegerSpan/kind`` and ``JaegerSpan/operationName``.
    ///   - finished: What it recorded, whether or not it is reported; nil if it did not record.
    func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?)
}

extension SpanObserver {
    /// Does nothing.
    public func spanStarted(_ span: JaegerSpan) {}
    /// Does nothing.
    public func spanEnded(_ span: JaegerSpan, as finished: FinishedSpan?) {}
}
