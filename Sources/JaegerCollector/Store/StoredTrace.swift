import JaegerThrift
import JaegerTracing

/// The spans of one trace, in order of arrival, whichever process sent them.
///
/// A trace has bounds of its own (``StoreLimits/maxSpansPerTrace``, ``StoreLimits/maxBytesPerTrace``): spans beyond them are
/// counted and dropped.
struct StoredTrace: Sendable {
    let traceID: TraceID
    private(set) var runs: [StoredRun] = []
    /// How many spans the trace has.
    private(set) var spanCount = 0
    /// How many spans were dropped because the trace is as large as one may be.
    private(set) var truncatedSpanCount = 0
    /// The memory that the trace takes, estimated, in bytes.
    private(set) var byteCount = Self.overheadBytes
    /// When the first of the spans began: nanoseconds since the Unix epoch.
    private(set) var startNanosecondsSinceEpoch: UInt64 = .max
    /// The number of the insertion that wrote to the trace last.
    var lastInsertion = 0
    /// The processes that were seen last, to share equal ones: each batch brings its own.
    private var recentProcesses: [TracedProcess] = []

    /// What the dictionaries and arrays around a trace take, roughly.
    private static let overheadBytes = 400
    /// A trace rarely touches more services than this; more only cost memory.
    private static let maxRecentProcesses = 16
    /// A process that is larger, in bytes, is not compared with others: nobody honest has one.
    private static let maxComparedBytes = 1 << 16

    init(traceID: TraceID) {
        self.traceID = traceID
    }

    /// The spans, decoded.
    var spans: [FinishedSpan] { runs.flatMap { $0.spans.decoded() } }

    /// Whether one of the spans is what the query asks for.
    func contains(_ query: TraceQuery) -> Bool {
        runs.contains { run in
            query.mayMatch(run) && run.spans.decoded().contains(where: query.matches)
        }
    }

    /// Takes over neighbouring spans of this trace, from the first on, as far as the limits leave room.
    ///
    /// - Returns: What was kept; nil when there was no room for any of them.
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

    /// The outlines that there is room for, from the first on.
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

/// The process of one batch as its traces keep it: the store is locked meanwhile, so it is measured once, and looked for
/// by value once in each trace, not for every span.
struct BatchProcess {
    fileprivate let process: TracedProcess
    /// The memory that the process takes, estimated, in bytes.
    fileprivate let byteCount: Int
    fileprivate var kept: [TraceID: TracedProcess] = [:]

    init(_ process: TracedProcess) {
        self.process = process
        byteCount = process.memoryByteCount
    }
}
