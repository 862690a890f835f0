import JaegerTracing

/// The traces that are kept, found by id, service and operation: the logic of the store, without a lock.
///
/// Traces leave in the order in which their first spans came. A span that comes after its trace went begins it anew.
struct TraceIndex: Sendable {
    let limits: StoreLimits
    private(set) var counts = StoreCounts()
    private(set) var services: [String: ServiceIndex] = [:]
    private var traces: [TraceID: StoredTrace] = [:]
    /// The ids of the kept traces, oldest first, from ``arrivalHead`` on.
    private var arrivals: [TraceID] = []
    private var arrivalHead = 0

    init(limits: StoreLimits) {
        self.limits = limits
    }

    /// Keeps spans, and answers how many were refused because an id is zero (Jaeger reserves it).
    mutating func insert(_ spans: [FinishedSpan]) -> Int {
        var refused = 0
        var processes = BatchProcesses()
        for span in spans {
            if span.traceID.isValid && span.spanID.isValid {
                insert(span, of: &processes)
            } else {
                refused += 1
            }
        }
        counts.receivedSpans += spans.count
        counts.refusedSpans += refused
        evictUntilWithinLimits()
        return refused
    }

    /// Counts spans that had no identity to be kept by.
    mutating func countRefused(_ count: Int) {
        counts.receivedSpans += count
        counts.refusedSpans += count
    }

    private mutating func insert(_ span: FinishedSpan, of batch: inout BatchProcesses) {
        if traces[span.traceID] == nil {
            arrivals.append(span.traceID)
            counts.keptTraces += 1
        }
        // Static: a method of the index would need a copy of it, of all traces, while one trace is written to.
        let byteCount = Self.append(
            span, of: &batch,
            to: &traces[span.traceID, default: StoredTrace(traceID: span.traceID)])
        counts.keptBytes += byteCount
        counts.keptSpans += 1
        services[span.process.serviceName, default: ServiceIndex()].add(span)
    }

    /// By how much the trace grew.
    private static func append(
        _ span: FinishedSpan, of batch: inout BatchProcesses, to trace: inout StoredTrace
    ) -> Int {
        let before = trace.spans.isEmpty ? 0 : trace.byteCount
        trace.append(span, of: &batch)
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
        for span in trace.spans {
            let name = span.process.serviceName
            services[name]?.remove(span)
            if services[name]?.isEmpty == true {
                services[name] = nil
            }
        }
        counts.keptTraces -= 1
        counts.keptSpans -= trace.spans.count
        counts.keptBytes -= trace.byteCount
        counts.evictedTraces += 1
        counts.evictedSpans += trace.spans.count
    }

    // MARK: Finding

    func trace(_ id: TraceID) -> StoredTrace? { traces[id] }

    /// The traces with a span of the service, or all traces, in no order.
    func candidates(service: String?) -> [StoredTrace] {
        guard let service else { return Array(traces.values) }
        return services[service]?.traces.keys.compactMap { traces[$0] } ?? []
    }
}
