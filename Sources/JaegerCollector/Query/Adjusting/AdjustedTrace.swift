import JaegerTracing

/// A trace as it is shown: without repeated spans, with unique span ids and, if asked for, without clock skew.
///
/// What was wrong, and what could not be mended, is in the warnings; the stored trace stays as it came.
struct AdjustedTrace: Sendable {
    let traceID: TraceID
    /// The spans in order of their start.
    let spans: [AdjustedSpan]
    /// What is wrong with the trace as a whole.
    let warnings: [String]

    /// Decodes a trace and adjusts it.
    init(_ trace: StoredTrace, _ adjustment: TraceAdjustment) {
        traceID = trace.traceID
        warnings = Self.warnings(of: trace)
        switch adjustment {
        case .none:
            spans = trace.spans.map { AdjustedSpan(span: $0) }.sortedByStart()
        case .standard(let maxSkew):
            var spans = trace.spans.withoutRepetitions().map { AdjustedSpan(span: $0) }
            SharedSpanIDs.separate(&spans)
            ClockSkew.correct(&spans, maxNanoseconds: maxSkew)
            self.spans = spans.sortedByStart()
        }
    }

    private static func warnings(of trace: StoredTrace) -> [String] {
        guard trace.truncatedSpanCount > 0 else { return [] }
        return [
            "trace is truncated: \(trace.truncatedSpanCount) further spans were dropped, "
                + "because one trace may have no more spans or memory in this collector"
        ]
    }
}

/// A span of an ``AdjustedTrace``.
struct AdjustedSpan: Sendable {
    var span: FinishedSpan
    /// What is wrong with the span.
    var warnings: [String] = []

    /// Takes a span as it came; warnings that travelled as a tag become warnings.
    init(span: FinishedSpan) {
        self.span = span
        guard span.tags.contains(where: { $0.key == SpanTag.warningKey }) else { return }
        warnings = span.tags.filter { $0.key == SpanTag.warningKey }.map(\.value.text)
        self.span.tags.removeAll { $0.key == SpanTag.warningKey }
    }
}

/// What is done to a trace when it is read.
enum TraceAdjustment: Sendable, Hashable {
    /// Nothing: spans are shown as they came.
    case none
    /// Repeated spans are removed, shared span ids separated, and clock skew corrected up to so many nanoseconds; 0 for
    /// warnings only.
    case standard(skewMaxNanoseconds: UInt64)
}

extension [AdjustedSpan] {
    fileprivate func sortedByStart() -> [AdjustedSpan] {
        sorted { $0.span.startNanosecondsSinceEpoch < $1.span.startNanosecondsSinceEpoch }
    }
}

extension [FinishedSpan] {
    /// The spans without those that are equal to an earlier one in all parts: clients send a batch again whose answer
    /// they did not get.
    fileprivate func withoutRepetitions() -> [FinishedSpan] {
        var idCounts: [SpanID: Int] = [:]
        idCounts.reserveCapacity(count)
        for span in self { idCounts[span.spanID, default: 0] += 1 }
        guard idCounts.count < count else { return self }
        var seen: Set<ExactSpan> = []
        return filter { span in
            idCounts[span.spanID] == 1 || seen.insert(ExactSpan(span: span)).inserted
        }
    }
}

extension FinishedSpan {
    /// The span of the same trace that caused this one: the parent, else the first reference that says so.
    var causeID: SpanID? {
        parentID ?? references.first { $0.kind == .childOf && $0.traceID == traceID }?.spanID
    }

    /// The text of the first tag `span.kind`.
    var kind: String? {
        for tag in tags where tag.key == "span.kind" {
            if case .string(let kind) = tag.value { return kind }
        }
        return nil
    }

    /// Whether the span says that it failed: the tag `error`, or the status of OpenTelemetry.
    var isFailed: Bool {
        tags.contains { tag in
            switch tag.key {
            case "error": tag.value == .bool(true) || tag.value == .string("true")
            case "otel.status_code": tag.value == .string("ERROR")
            default: false
            }
        }
    }
}
