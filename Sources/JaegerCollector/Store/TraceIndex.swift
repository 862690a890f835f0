import JaegerThrift
import JaegerTracing

/// The traces that are kept, found by id, service and operation: the logic of the store, without a lock.
///
/// Traces leave in the order in which their first spans came. A span that comes after its trace went begins it anew.
struct TraceIndex: Sendable {
    let limits: StoreLimits
    private(set) var counts = StoreCounts()
    private(set) var services: [ExactText: ServiceIndex] = [:]
    private var traces: [TraceID: StoredTrace] = [:]
    /// The ids of the kept traces, oldest first, from ``arrivalHead`` on.
    private var arrivals: [TraceID] = []
    private var arrivalHead = 0

    init(limits: StoreLimits) {
        self.limits = limits
    }

    /// Keeps spans, and answers how many were refused because an id is zero (Jaeger reserves it).
    mutating func insert(_ batch: JaegerBatch) -> Int {
        var refused = 0
        var process = BatchProcess(batch.process)
        // The service is out of the index meanwhile: a long name is looked up once in a batch, not for each trace.
        let name = ExactText(batch.process.serviceName)
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
            let stored = StoredRun(run, of: batch)
            insert(stored, of: first.traceID, &process)
            service.add(stored, of: first.traceID)
        }
        if !service.isEmpty { services[name] = service }
        counts.receivedSpans += batch.outlines.count
        counts.refusedSpans += refused
        evictUntilWithinLimits()
        return refused
    }

    /// Counts spans that had no identity to be kept by.
    mutating func countRefused(_ count: Int) {
        counts.receivedSpans += count
        counts.refusedSpans += count
    }

    private mutating func insert(
        _ run: StoredRun, of id: TraceID, _ process: inout BatchProcess
    ) {
        // Static: a method of the index would need a copy of it, of all traces, while one trace is written to.
        counts.keptBytes += Self.append(
            run, of: &process, to: &traces[id, default: StoredTrace(traceID: id)])
        if traces.count > counts.keptTraces {
            arrivals.append(id)
            counts.keptTraces += 1
        }
        counts.keptSpans += run.spans.count
    }

    /// By how much the trace grew.
    private static func append(
        _ run: StoredRun, of process: inout BatchProcess, to trace: inout StoredTrace
    ) -> Int {
        let before = trace.runs.isEmpty ? 0 : trace.byteCount
        trace.append(run, of: &process)
        return trace.byteCount - before
    }

    // MARK: Eviction

    private mutating func evictUntilWithinLimits() {
        while counts.keptSpans > limits.spansMax || counts.keptBytes > limits.bytesMax {
            evictOldest()
        }
    }

    private mutating func evictOldest() {
        guard arrivalHead < arrivals.count,
            let trace = traces.removeValue(forKey: arrivals[arrivalHead])
        else { return }
        arrivalHead += 1
        // The ids that were consumed are cut off now and then, so that each is moved once on average.
        if arrivalHead > 1024, arrivalHead > arrivals.count / 2 {
            arrivals.removeFirst(arrivalHead)
            arrivalHead = 0
        }
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

    /// A service goes with its last trace.
    private static func remove(
        _ run: StoredRun, of trace: TraceID, from service: inout ServiceIndex?
    ) {
        service?.remove(run, of: trace)
        if service?.isEmpty == true { service = nil }
    }

    // MARK: Finding

    func trace(_ id: TraceID) -> StoredTrace? { traces[id] }

    /// The traces with a span of the service, or all traces, in no order.
    func candidates(service: String?) -> [StoredTrace] {
        guard let service else { return Array(traces.values) }
        return services[ExactText(service)]?.traces.compactMap { traces[$0] } ?? []
    }
}

extension SpanOutline {
    fileprivate var isValid: Bool { traceID.isValid && spanID.isValid }
}
