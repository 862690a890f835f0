import JaegerTracing

/// The spans of one trace, in order of arrival, wherever they came from.
struct StoredTrace: Sendable {
    let traceID: TraceID
    private(set) var spans: [FinishedSpan] = []
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

    /// Takes over a span of this trace, one of a batch.
    mutating func append(_ span: FinishedSpan, of batch: inout BatchProcesses) {
        var span = span
        let place = BatchProcesses.Place(traceID, span.process)
        span.process = batch.kept[place] ?? shared(span.process)
        batch.kept[place] = span.process
        byteCount += span.memoryByteCount
        startNanosecondsSinceEpoch = min(
            startNanosecondsSinceEpoch, span.startNanosecondsSinceEpoch)
        spans.append(span)
    }

    private mutating func shared(_ process: TracedProcess) -> TracedProcess {
        let processByteCount = process.memoryByteCount
        if let known = known(process, byteCount: processByteCount) { return known }
        byteCount += processByteCount
        if recentProcesses.count == Self.recentProcessesMax {
            recentProcesses.removeFirst()
        }
        recentProcesses.append(process)
        return process
    }

    private func known(_ process: TracedProcess, byteCount: Int) -> TracedProcess? {
        if let known = recentProcesses.last(where: { $0 === process }) { return known }
        guard byteCount <= Self.comparedBytesMax else { return nil }
        return recentProcesses.last {
            $0.serviceName == process.serviceName && $0.tags == process.tags
        }
    }
}

/// The processes of one batch as its traces keep them: the store is locked meanwhile, so each is
/// looked for by value once in each trace, not for every span.
struct BatchProcesses {
    /// A trace and a process of the batch, whose spans keep it alive.
    struct Place: Hashable {
        private let traceID: TraceID
        private let process: ObjectIdentifier

        init(_ traceID: TraceID, _ process: TracedProcess) {
            self.traceID = traceID
            self.process = ObjectIdentifier(process)
        }
    }

    fileprivate(set) var kept: [Place: TracedProcess] = [:]
}
