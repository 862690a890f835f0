import JaegerThrift
import JaegerTracing

/// The spans of one trace, in order of arrival, wherever they came from.
struct StoredTrace: Sendable {
    let traceID: TraceID
    private(set) var runs: [StoredRun] = []
    /// How many spans the trace has.
    private(set) var spanCount = 0
    /// The memory that the trace takes, estimated, in bytes.
    private(set) var byteCount = Self.overheadBytes
    /// When the first of the spans began: nanoseconds since the Unix epoch.
    private(set) var startNanosecondsSinceEpoch: UInt64 = .max
    /// The processes that were seen last, to share equal ones: each batch brings its own.
    private var recentProcesses: [TracedProcess] = []

    /// What the dictionaries and arrays around a trace take, roughly.
    private static let overheadBytes = 400
    /// A trace rarely touches more services than this; more only cost memory.
    private static let recentProcessesMax = 16
    /// A process that is larger, in bytes, is not compared with others: nobody honest has one.
    private static let comparedBytesMax = 1 << 16

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

    /// Takes over spans of this trace.
    mutating func append(_ run: StoredRun, of batch: inout BatchProcess) {
        var run = run
        run.spans.process = batch.kept[traceID] ?? shared(batch)
        batch.kept[traceID] = run.spans.process
        spanCount += run.spans.count
        byteCount += run.byteCount
        startNanosecondsSinceEpoch = min(
            startNanosecondsSinceEpoch, run.startNanosecondsSinceEpoch)
        runs.append(run)
    }

    private mutating func shared(_ batch: BatchProcess) -> TracedProcess {
        if let known = known(batch.process, byteCount: batch.byteCount) { return known }
        byteCount += batch.byteCount
        if recentProcesses.count == Self.recentProcessesMax {
            recentProcesses.removeFirst()
        }
        recentProcesses.append(batch.process)
        return batch.process
    }

    private func known(_ process: TracedProcess, byteCount: Int) -> TracedProcess? {
        if let known = recentProcesses.last(where: { $0 === process }) { return known }
        guard byteCount <= Self.comparedBytesMax else { return nil }
        return recentProcesses.last { $0.isSame(as: process) }
    }
}

extension TracedProcess {
    /// Whether both say the same, byte for byte.
    fileprivate func isSame(as other: TracedProcess) -> Bool {
        ExactText(serviceName) == ExactText(other.serviceName)
            && tags.elementsEqual(other.tags) { one, other in
                ExactText(one.key) == ExactText(other.key) && one.value.isSame(as: other.value)
            }
    }
}

extension TagValue {
    fileprivate func isSame(as other: TagValue) -> Bool {
        switch (self, other) {
        case (.string(let one), .string(let other)): ExactText(one) == ExactText(other)
        case (.array(let one), .array(let other)):
            one.elementsEqual(other) { $0.isSame(as: $1) }
        default: self == other
        }
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
