import JaegerThrift
import JaegerTracing
import SpoorText

/// The stored traces by id, service and operation: the logic of the store, without a lock.
///
/// Traces are evicted in the order of their first spans, but a trace that is growing is evicted only if there are no
/// others. A span that is received after its trace was evicted starts the trace again.
struct TraceIndex: Sendable {
    let limits: StoreLimits
    private(set) var counts = StoreCounts()
    private(set) var services: [ExactText: ServiceIndex] = [:]
    private var traces: [TraceID: StoredTrace] = [:]
    /// The ids of the stored traces, oldest first, from ``arrivalHead`` on.
    private var arrivals: [TraceID] = []
    private var arrivalHead = 0
    /// The number of insertions.
    private var insertion = 0

    init(limits: StoreLimits) {
        self.limits = limits.clamped
    }

    /// Stores spans, and returns the number of spans that were rejected because an id is zero (Jaeger reserves it).
    mutating func insert(_ batch: JaegerBatch) -> Int {
        insertion += 1
        // Two steps: an eviction while a local variable holds a part of the index would copy that part.
        let rejected = add(batch)
        evictUntilWithinLimits()
        return rejected
    }

    /// Counts spans that were rejected because of their ids.
    mutating func countRejected(_ count: Int) {
        counts.receivedSpans += count
        counts.rejectedSpans += count
    }

    private mutating func add(_ batch: JaegerBatch) -> Int {
        var rejected = 0
        let sender = Self.process(of: batch)
        var process = BatchProcess(sender)
        // The service is removed from the index meanwhile, so that a long name is looked up once per batch, not for
        // each trace.
        let name = ExactText(sender.serviceName)
        var service = services.removeValue(forKey: name) ?? ServiceIndex()
        var rest = batch.outlines[...]
        while let first = rest.first {
            guard first.isValid else {
                rejected += 1
                rest.removeFirst()
                continue
            }
            let run = rest.prefix { $0.traceID == first.traceID && $0.isValid }
            rest = rest[run.endIndex...]
            if let stored = add(run, of: batch, to: first.traceID, &process) {
                service.add(stored, of: first.traceID)
            }
        }
        if !service.isEmpty { services[name] = service }
        counts.receivedSpans += batch.outlines.count
        counts.rejectedSpans += rejected
        return rejected
    }

    /// Returns the process of the spans; a service without a name gets this one, as in Jaeger's backends, because it
    /// could not be searched for.
    private static func process(of batch: JaegerBatch) -> TracedProcess {
        guard batch.process.serviceName.isEmpty else { return batch.process }
        return TracedProcess(serviceName: "empty-service-name", tags: batch.process.tags)
    }

    /// Stores the spans that fit in the trace; nil if none does.
    private mutating func add(
        _ outlines: ArraySlice<SpanOutline>, of batch: JaegerBatch, to id: TraceID,
        _ process: inout BatchProcess
    ) -> StoredRun? {
        // Static: a method of the index would need a copy of it, with all traces, while one trace is modified.
        let (stored, growth) = Self.append(
            outlines, of: batch, to: &traces[id, default: StoredTrace(traceID: id)],
            &process, limits, insertion)
        counts.truncatedSpans += outlines.count - (stored?.spans.count ?? 0)
        guard let stored else {
            // A trace without any span that fits is not stored.
            if traces.count > counts.keptTraces { traces[id] = nil }
            return nil
        }
        if traces.count > counts.keptTraces {
            arrivals.append(id)
            counts.keptTraces += 1
        }
        counts.keptBytes += growth
        counts.keptSpans += stored.spans.count
        return stored
    }

    /// Returns the stored run, and the growth of the trace in bytes.
    private static func append(
        _ outlines: ArraySlice<SpanOutline>, of batch: JaegerBatch, to trace: inout StoredTrace,
        _ process: inout BatchProcess, _ limits: StoreLimits, _ insertion: Int
    ) -> (StoredRun?, growth: Int) {
        let before = trace.runs.isEmpty ? 0 : trace.byteCount
        trace.lastInsertion = insertion
        let stored = trace.append(outlines, of: batch, process: &process, limits: limits)
        return (stored, trace.byteCount - before)
    }

    // MARK: Eviction

    private mutating func evictUntilWithinLimits() {
        guard exceededLimit != nil else { return }
        // Traces of the current insertion move to the end of the queue once, and are evicted only if there are no
        // others.
        var remainingCount = arrivals.count - arrivalHead
        while let limit = exceededLimit, arrivalHead < arrivals.count {
            counts.effectiveLimit = limit
            let id = arrivals[arrivalHead]
            arrivalHead += 1
            if remainingCount > 0, traces[id]?.lastInsertion == insertion {
                arrivals.append(id)
            } else {
                evict(id)
            }
            remainingCount -= 1
            trimArrivals()
        }
    }

    private var exceededLimit: StoreCounts.Limit? {
        if counts.keptSpans > limits.maxSpans { return .maxSpans }
        return counts.keptBytes > limits.maxBytes ? .maxBytes : nil
    }

    /// Removes consumed ids from time to time, so that each is moved once on average.
    private mutating func trimArrivals() {
        guard arrivalHead > 1024, arrivalHead > arrivals.count / 2 else { return }
        arrivals.removeFirst(arrivalHead)
        arrivalHead = 0
    }

    private mutating func evict(_ id: TraceID) {
        guard let trace = traces.removeValue(forKey: id) else { return }
        for run in trace.runs {
            let name = ExactText(run.spans.process.serviceName)
            Self.remove(run, of: trace.traceID, from: &services[name])
        }
        counts.keptTraces -= 1
        counts.keptSpans -= trace.spanCount
        counts.keptBytes -= trace.byteCount
        counts.evictedTraces += 1
        counts.evictedSpans += trace.spanCount
    }

    /// Removes a run from a service, and the service with its last trace.
    private static func remove(
        _ run: StoredRun, of trace: TraceID, from service: inout ServiceIndex?
    ) {
        service?.remove(run, of: trace)
        if service?.isEmpty == true { service = nil }
    }

    // MARK: Finding

    func trace(_ id: TraceID) -> StoredTrace? { traces[id] }

    /// Returns the ids of the traces with a span of the service, or of all traces, in no particular order.
    func traceIDs(service: String?) -> [TraceID] {
        guard let service else { return Array(arrivals[arrivalHead...]) }
        return services[ExactText(service)].map { Array($0.traces) } ?? []
    }

    /// Returns those of the traces that are still stored, each with its start.
    func starts(of ids: ArraySlice<TraceID>) -> [(id: TraceID, start: UInt64)] {
        ids.compactMap { id in
            traces[id].map { (id, $0.startNanosecondsSinceEpoch) }
        }
    }

    /// Returns those of the traces that are still stored.
    func traces(_ ids: ArraySlice<TraceID>) -> [StoredTrace] {
        ids.compactMap { traces[$0] }
    }
}

extension SpanOutline {
    fileprivate var isValid: Bool { traceID.isValid && spanID.isValid }
}
