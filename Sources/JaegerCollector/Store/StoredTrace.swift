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

    init(traceID: TraceID) {
        self.traceID = traceID
    }

    /// Takes over a span of this trace.
    mutating func append(_ span: FinishedSpan) {
        var span = span
        span.process = shared(span.process)
        byteCount += span.memoryByteCount
        startNanosecondsSinceEpoch = min(
            startNanosecondsSinceEpoch, span.startNanosecondsSinceEpoch)
        spans.append(span)
    }

    private mutating func shared(_ process: TracedProcess) -> TracedProcess {
        for known in recentProcesses.reversed()
        where known === process
            || (known.serviceName == process.serviceName && known.tags == process.tags)
        {
            return known
        }
        byteCount += process.memoryByteCount
        if recentProcesses.count == Self.recentProcessesMax {
            recentProcesses.removeFirst()
        }
        recentProcesses.append(process)
        return process
    }
}
