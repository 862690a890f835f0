import JaegerThrift
import JaegerTracing

/// The spans of one trace, in order of arrival, from all processes.
///
/// A trace has its own limits (``StoreLimits/maxSpansPerTrace``, ``StoreLimits/maxBytesPerTrace``): spans beyond them
/// are counted and dropped.
struct StoredTrace: Sendable {
    let traceID: TraceID
    private(set) var runs: [StoredRun] = []
    /// The number of spans.
    private(set) var spanCount = 0
    /// The number of spans that were dropped because the trace has reached its limits.
    private(set) var truncatedSpanCount = 0
    /// The memory of the trace, estimated, in bytes.
    private(set) var byteCount = Self.overheadBytes
    /// The start of the first span, in nanoseconds since the Unix epoch.
    private(set) var startNanosecondsSinceEpoch: UInt64 = .max
    /// The number of the last insertion into the trace.
    var lastInsertion = 0
    /// The most recent processes, to share equal ones, because each batch contains its own.
    private var recentProcesses: [TracedProcess] = []

    /// The approximate size of the dictionaries and arrays around a trace.
    private static let overheadBytes = 400
    /// A trace rarely contains more services than this; more would only cost memory.
    private static let maxRecentProcesses = 16
    /// The maximum size of processes that are compared with others, in bytes; typical ones are smaller.
    private static let maxComparedBytes = 1 << 16

    init(traceID: TraceID) {
        self.traceID = traceID
    }

    /// The decoded spans.
    var spans: [FinishedSpan] { runs.flatMap { $0.spans.decoded() } }

    /// Returns whether one of the spans matches the query.
    func contains(_ query: TraceQuery) -> Bool {
        runs.contains { run in
            query.canMatch(run) && run.spans.decoded().contains(where: query.matches)
        }
    }

    /// Appends consecutive spans of this trace, from the first on, as far as the limits allow.
    ///
    /// - Returns: The stored run; nil if there was no room for any span.
    mutating func append(
        _ outlines: ArraySlice<SpanOutline>, of batch: JaegerBatch,
        process: inout BatchProcess, limits: StoreLimits
    ) -> StoredRun? {
        let fitting = fitting(outlines, process, limits)
        truncatedSpanCount += outlines.count - fitting.count
        guard !fitting.isEmpty else { return nil }
        var run = StoredRun(fitting, of: batch)
        run.spans.process = process.kept[traceID] ?? shared(process)
        process.kept[traceID] = run.spans.process
        spanCount += run.spans.count
        byteCount += run.byteCount
        startNanosecondsSinceEpoch = min(
            startNanosecondsSinceEpoch, run.startNanosecondsSinceEpoch)
        runs.append(run)
        return run
    }

    /// Returns the outlines that fit within the limits, from the first on.
    private func fitting(
        _ outlines: ArraySlice<SpanOutline>, _ process: BatchProcess, _ limits: StoreLimits
    ) -> ArraySlice<SpanOutline> {
        let outlines = outlines.prefix(max(0, limits.maxSpansPerTrace - spanCount))
        var room = limits.maxBytesPerTrace - byteCount - StoredRun.overheadBytes
        if process.kept[traceID] == nil { room -= process.byteCount }
        guard room < outlines.reduce(0, { $0 + StoredRun.maxByteCount(of: $1) }) else {
            return outlines
        }
        return outlines.prefix { outline in
            room -= StoredRun.maxByteCount(of: outline)
            return room >= 0
        }
    }

    private mutating func shared(_ batch: BatchProcess) -> TracedProcess {
        if let known = known(batch.process, byteCount: batch.byteCount) { return known }
        byteCount += batch.byteCount
        if recentProcesses.count == Self.maxRecentProcesses {
            recentProcesses.removeFirst()
        }
        recentProcesses.append(batch.process)
        return batch.process
    }

    private func known(_ process: TracedProcess, byteCount: Int) -> TracedProcess? {
        if let known = recentProcesses.last(where: { $0 === process }) { return known }
        guard byteCount <= Self.maxComparedBytes else { return nil }
        return recentProcesses.last { $0.isSame(as: process) }
    }
}

/// The process of one batch as stored in its traces: because the store is locked, it is measured once, and searched by
/// value once in each trace, not for each span.
struct BatchProcess {
    fileprivate let process: TracedProcess
    /// The memory of the process, estimated, in bytes.
    fileprivate let byteCount: Int
    fileprivate var kept: [TraceID: TracedProcess] = [:]

    init(_ process: TracedProcess) {
        self.process = process
        byteCount = process.memoryByteCount
    }
}
