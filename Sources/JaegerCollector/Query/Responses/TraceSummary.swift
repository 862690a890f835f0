import JaegerTracing
import SpoorText

/// The summary of a trace in a list: its root, times and counts, without the spans.
///
/// Repeated spans count once, as in ``AdjustedTrace``.
struct TraceSummary: Sendable, Hashable {
    /// The spans of one service.
    struct Service: Sendable, Hashable {
        let name: String
        fileprivate(set) var spanCount = 0
        fileprivate(set) var errorSpanCount = 0
    }

    let traceID: TraceID
    /// The first span without a parent; if there is none, the first whose parent is missing.
    let rootServiceName: String
    let rootOperationName: String
    /// The start of the first span, in microseconds since the Unix epoch.
    let startMicroseconds: UInt64
    /// The time from there to the last end of a span, in microseconds.
    let durationMicroseconds: UInt64
    let spanCount: Int
    let errorSpanCount: Int
    /// The services in the order of their first spans.
    let services: [Service]
    /// The warnings of the trace as a whole.
    let warnings: [String]
    /// The number of spans with warnings.
    let spanWarningCount: Int

    init(_ trace: AdjustedTrace) {
        traceID = trace.traceID
        warnings = trace.warnings
        let root = Self.root(of: trace.spans)?.span
        rootServiceName = root?.process.serviceName ?? ""
        rootOperationName = root?.operationName ?? ""
        var start = UInt64.max
        var end: UInt64 = 0
        var services: [Service] = []
        var places: [ExactText: Int] = [:]
        for adjusted in trace.spans {
            let span = adjusted.span
            let begin = span.startNanosecondsSinceEpoch / 1000
            start = min(start, begin)
            end = max(end, begin + span.durationNanoseconds / 1000)
            let name = ExactText(span.process.serviceName)
            let place = places[name] ?? services.count
            if place == services.count {
                places[name] = place
                services.append(Service(name: name.text))
            }
            services[place].spanCount += 1
            if span.isFailed { services[place].errorSpanCount += 1 }
        }
        startMicroseconds = trace.spans.isEmpty ? 0 : start
        durationMicroseconds = trace.spans.isEmpty ? 0 : end - start
        spanCount = trace.spans.count
        errorSpanCount = services.reduce(0) { $0 + $1.errorSpanCount }
        spanWarningCount = trace.spans.count { !$0.warnings.isEmpty }
        self.services = services
    }

    private static func root(of spans: [AdjustedSpan]) -> AdjustedSpan? {
        if let root = spans.first(where: { $0.span.causeID == nil }) { return root }
        let ids = Set(spans.map(\.span.spanID))
        return spans.first { adjusted in
            adjusted.span.causeID.map { !ids.contains($0) } ?? true
        } ?? spans.first
    }
}

extension JSONWriter {
    /// Writes a summary: `traceID`, `rootServiceName`, `rootOperationName`, `startTime` and `duration` in microseconds,
    /// `spanCount`, `errorSpanCount`, `services`, `warnings` of the trace, and `spanWarningCount`.
    mutating func summary(_ summary: TraceSummary) {
        object { writer in
            writer.member("traceID", summary.traceID.description)
            writer.member("rootServiceName", summary.rootServiceName)
            writer.member("rootOperationName", summary.rootOperationName)
            writer.member("startTime", summary.startMicroseconds)
            writer.member("duration", summary.durationMicroseconds)
            writer.member("spanCount", summary.spanCount)
            writer.member("errorSpanCount", summary.errorSpanCount)
            writer.key("services")
            writer.array(of: summary.services) { writer, service in
                writer.object { writer in
                    writer.member("name", service.name)
                    writer.member("spanCount", service.spanCount)
                    writer.member("errorSpanCount", service.errorSpanCount)
                }
            }
            writer.key("warnings")
            writer.warnings(summary.warnings)
            writer.member("spanWarningCount", summary.spanWarningCount)
        }
    }
}
