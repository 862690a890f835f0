import JaegerThrift
import JaegerTracing
import SpoorText

/// The traces that are kept, found by id, service and operation: the logic of the store, without a lock.
///
/// Traces are evicted in the order in which their first spans came, but none because of its own growth while there are
/// others. A span that comes after its trace was evicted begins the trace anew.
struct TraceIndex: Sendable {
    let limits: StoreLimits
    private(set) var counts = StoreCounts()
    private(set) var services: [ExactText: ServiceIndex] = [:]
    private var traces: [TraceID: StoredTrace] = [:]
    /// The ids of the kept traces, oldest first, from ``arrivalHead`` on.
    private var arrivals: [TraceID] = []
    private var arrivalHead = 0
    /// Counts the insertions.
    private var insertion = 0

    init(limits: StoreLimits) {
        self.limits = limits.clamped
    }

    /// Keeps spans, and answers how many were refused because an id is zero (Jaeger reserves it).
    mutating func insert(_ batch: JaegerBatch) -> Int {
        insertion += 1
        // Two steps: an eviction while a part of the index is held by a local would copy all of that part.
        let refused = add(batch)
        evictUntilWithinLimits()
        return refused
    }

    /// Counts spans that had no identity to be kept by.
    mutating func countRefused(_ count: Int) {
        counts.receivedSpans += count
        counts.refusedSpans += count
    }

    private mutating func add(_ batch: JaegerBatch) -> Int {
        var refused = 0
        let sender = Self.process(of: batch)
        var process = BatchProcess(sender)
        // The service is out of the index meanwhile: a long name is looked up once in a batch, not for each trace.
        let name = ExactText(sender.serviceName)
        var service = services.removeValue(forKey: name) ?? ServiceIndex()
        var rest = batch.outlines[...]
        while let first = rest.first {
            guard first.isValid else {
                refused += 1
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
        counts.refusedSpans += refused
        return refused
    }

    /// The process of the spans; Jaeger's backends give a service without a name this one, as it could not be searched for.
    private static func process(of batch: JaegerBatch) -> TracedProcess {
        guard batch.process.serviceName.isEmpty else { return batch.process }
        return TracedProcess(serviceName: "empty-service-name", tags: batch.process.tags)
    }

    /// Keeps what there is room for in the trace; nil when there is none.
    private mutating func add(
        _ outlines: ArraySlice<SpanOutline>, of batch: JaegerBatch, to id: TraceID,
        _ process: inout BatchProcess
    ) -> StoredRun? {
        // Static: a method of the index would need a copy of it, of all traces, while one trace is written to.
        let (stored, growth) = Self.append(
            outlines, of: batch, to: &traces[id, default: StoredTrace(traceID: id)],
            &process, limits, insertion)
        counts.truncatedSpans += outlines.count - (stored?.spans.count ?? 0)
        guard let stored else {
            // A trace of nothing but spans that are too large is not kept.
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

    /// What was kept, and by how many bytes the trace grew.
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
        // Traces that were written to just now get to the end of the queue once, and are evicted when they are alone.
        var unsparedCount = arrivals.count - arrivalHead
        while let limit = exceededLimit, arrivalHead < arrivals.count {
            counts.effectiveLimit = limit
            let id = arrivals[arrivalHead]
            arrivalHead += 1
            if unsparedCount > 0, traces[id]?.lastInsertion == insertion {
                arrivals.append(id)
            } else {
                evict(id)
            }
            unsparedCount -= 1
            trimArrivals()
        }
    }

    private var exceededLimit: StoreCounts.Limit? {
        if counts.keptSpans > limits.maxSpans { return .maxSpans }
        return counts.keptBytes > limits.maxBytes ? .maxBytes : nil
    }

    /// Removes the ids that were consumed now and then, so that each is moved once on average.
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

    /// A service is removed with its last trace.
    private static func remove(
        _ run: StoredRun, of trace: TraceID, from service: inout ServiceIndex?
    ) {
        service?.remove(run, of: trace)
        if service?.isEmpty == true { service = nil }
    }

    // MARK: Finding

    func trace(_ id: TraceID) -> StoredTrace? { traces[id] }

    /// The ids of the traces with a span of the service, or of all traces, in no order.
    func traceIDs(service: String?) -> [TraceID] {
        guard let service else { return Array(arrivals[arrivalHead...]) }
        return services[ExactText(service)].map { Array($0.traces) } ?? []
    }

    /// Those of the traces that are still kept, each with its start.
    func starts(of ids: ArraySlice<TraceID>) -> [(id: TraceID, start: UInt64)] {
        ids.compactMap { id in
            traces[id].map { (id, $0.startNanosecondsSinceEpoch) }
        }
    }

    /// Those of the traces that are still kept.
    func traces(_ ids: ArraySlice<TraceID>) -> [StoredTrace] {
        ids.compactMap { traces[$0] }
    }
}

extension SpanOutline {
    fileprivate var isValid: Bool { traceID.isValid && spanID.isValid }
}
