import JaegerTracing
import SpoorText

/// Exact equality of received values: texts are not normalised, and NaN equals itself.
///
/// It is used to share equal processes, and to recognise duplicate spans.
extension TracedProcess {
    /// Returns whether both have the same name and the same tags.
    func isSame(as other: TracedProcess) -> Bool {
        self === other
            || ExactText(serviceName) == ExactText(other.serviceName) && tags.isSame(as: other.tags)
    }
}

extension [SpanTag] {
    func isSame(as other: [SpanTag]) -> Bool {
        count == other.count && elementsEqual(other) { $0.isSame(as: $1) }
    }
}

extension SpanTag {
    fileprivate func isSame(as other: SpanTag) -> Bool {
        ExactText(key) == ExactText(other.key) && value.isSame(as: other.value)
    }
}

extension TagValue {
    fileprivate func isSame(as other: TagValue) -> Bool {
        switch (self, other) {
        case (.string(let one), .string(let other)): ExactText(one) == ExactText(other)
        case (.double(let one), .double(let other)): one.bitPattern == other.bitPattern
        case (.array(let one), .array(let other)):
            one.count == other.count && one.elementsEqual(other) { $0.isSame(as: $1) }
        default: self == other
        }
    }

    fileprivate func hashExactly(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(ExactText(text))
        case .bool(let truth): hasher.combine(truth)
        case .int(let number): hasher.combine(number)
        case .double(let number): hasher.combine(number.bitPattern)
        case .binary(let bytes): hasher.combine(bytes)
        case .array(let values):
            hasher.combine(values.count)
            for value in values { value.hashExactly(into: &hasher) }
        }
    }
}

/// A span that is compared in all its parts.
struct ExactSpan: Hashable {
    let span: FinishedSpan

    static func == (one: Self, other: Self) -> Bool {
        let (one, other) = (one.span, other.span)
        return one.traceID == other.traceID && one.spanID == other.spanID
            && one.parentID == other.parentID && one.flags == other.flags
            && one.startNanosecondsSinceEpoch == other.startNanosecondsSinceEpoch
            && one.durationNanoseconds == other.durationNanoseconds
            && ExactText(one.operationName) == ExactText(other.operationName)
            && one.tags.isSame(as: other.tags)
            && one.logs.count == other.logs.count
            && one.logs.elementsEqual(other.logs) { one, other in
                one.nanosecondsSinceEpoch == other.nanosecondsSinceEpoch
                    && one.fields.isSame(as: other.fields)
            }
            && one.references.count == other.references.count
            && one.references.elementsEqual(other.references) { one, other in
                one.kind == other.kind && one.traceID == other.traceID
                    && one.spanID == other.spanID && one.tags.isSame(as: other.tags)
            }
            && one.process.isSame(as: other.process)
    }

    /// Hashes all parts that clients vary, so that many different spans with one id are not in one bucket.
    func hash(into hasher: inout Hasher) {
        hasher.combine(span.spanID)
        hasher.combine(span.parentID)
        hasher.combine(span.startNanosecondsSinceEpoch)
        hasher.combine(span.durationNanoseconds)
        hasher.combine(ExactText(span.operationName))
        hasher.combine(ExactText(span.process.serviceName))
        Self.hash(span.tags, into: &hasher)
        Self.hash(span.process.tags, into: &hasher)
        hasher.combine(span.references.count)
        for reference in span.references {
            hasher.combine(reference.traceID)
            hasher.combine(reference.spanID)
        }
        hasher.combine(span.logs.count)
        for log in span.logs {
            hasher.combine(log.nanosecondsSinceEpoch)
            Self.hash(log.fields, into: &hasher)
        }
    }

    private static func hash(_ tags: [SpanTag], into hasher: inout Hasher) {
        hasher.combine(tags.count)
        for tag in tags {
            hasher.combine(ExactText(tag.key))
            tag.value.hashExactly(into: &hasher)
        }
    }
}
