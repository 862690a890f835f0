import JaegerTracing

/// A trace prepared for display: without repeated spans, with unique span ids and, if requested, without clock skew.
///
/// Its warnings contain what was corrected and what could not be corrected; the stored trace is not changed.
struct AdjustedTrace: Sendable {
    let traceID: TraceID
    /// The spans in order of their start.
    let spans: [AdjustedSpan]
    /// The warnings about the trace as a whole.
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
    /// The warnings about the span.
    var warnings: [String] = []

    /// Creates an adjusted span from a received one; warnings in a tag become warnings.
    init(span: FinishedSpan) {
        self.span = span
        guard span.tags.contains(where: { $0.key == SpanTag.warningKey }) else { return }
        warnings = span.tags.filter { $0.key == SpanTag.warningKey }.map(\.value.text)
        self.span.tags.removeAll { $0.key == SpanTag.warningKey }
    }
}

/// The adjustment of a trace when it is read.
enum TraceAdjustment: Sendable, Hashable {
    /// None: spans are shown as received.
    case none
    /// Repeated spans are removed, shared span ids separated, and clock skew corrected up to a number of nanoseconds; 0
    /// only adds warnings.
    case standard(maxSkewNanoseconds: UInt64)
}

extension [AdjustedSpan] {
    fileprivate func sortedByStart() -> [AdjustedSpan] {
        sorted { $0.span.startNanosecondsSinceEpoch < $1.span.startNanosecondsSinceEpoch }
    }
}

extension [FinishedSpan] {
    /// Returns the spans without exact duplicates of earlier ones, because clients send a batch again if they did not
    /// receive the response.
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
    /// The span of the same trace that caused this one: the parent, else the first `childOf` reference.
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

    /// Whether the span failed according to the tag `error` or OpenTelemetry's status.
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
