import JaegerThrift
import JaegerTracing
import SpoorText

/// The conditions of a search: one span of a trace must satisfy all of them, as in Jaeger.
struct TraceQuery: Sendable, Hashable {
    /// The service of the span; nil for any.
    var service: String?
    /// The operation of the span; nil for any.
    var operation: String?
    /// The tags of the span.
    var tags = TagFilter()
    /// The minimum start of the span, in nanoseconds since the Unix epoch.
    var minStartNanoseconds: UInt64 = 0
    /// The maximum start of the span, in nanoseconds since the Unix epoch.
    var maxStartNanoseconds: UInt64 = .max
    /// The minimum duration of the span, in nanoseconds.
    var minDurationNanoseconds: UInt64 = 0
    /// The maximum duration of the span, in nanoseconds.
    var maxDurationNanoseconds: UInt64 = .max
    /// The maximum number of traces.
    var limit = Self.defaultLimit

    /// Jaeger's default limit.
    static let defaultLimit = 100

    /// Returns whether a span of the run can match, as far as is known without decoding.
    func canMatch(_ run: StoredRun) -> Bool {
        guard run.startNanosecondsSinceEpoch <= maxStartNanoseconds,
            isOfService(run.spans.process)
        else { return false }
        guard let operation else { return true }
        let name = ServiceOperation.indexed(operation)
        return run.operations.contains { $0.operation.name == name }
    }

    func matches(_ span: FinishedSpan) -> Bool {
        guard isOfService(span.process) else { return false }
        if let operation,
            ServiceOperation.indexed(span.operationName) != ServiceOperation.indexed(operation)
        {
            return false
        }
        return span.startNanosecondsSinceEpoch >= minStartNanoseconds
            && span.startNanosecondsSinceEpoch <= maxStartNanoseconds
            && span.durationNanoseconds >= minDurationNanoseconds
            && span.durationNanoseconds <= maxDurationNanoseconds
            && tags.terms.allSatisfy { Self.has(span, $0.key, $0.text) }
    }

    private func isOfService(_ process: TracedProcess) -> Bool {
        guard let service else { return true }
        return ExactText(process.serviceName) == ExactText(service)
    }

    /// Returns whether the span, its process or its logs have a tag, as in Jaeger.
    private static func has(_ span: FinishedSpan, _ key: String, _ text: String) -> Bool {
        func matches(_ tag: SpanTag) -> Bool {
            ExactText(tag.key) == ExactText(key) && tag.value.matches(text)
        }
        return span.tags.contains(where: matches)
            || span.process.tags.contains(where: matches)
            || span.logs.contains { $0.fields.contains(where: matches) }
    }
}

extension TagValue {
    /// Returns whether the value equals the text of a search.
    func matches(_ text: String) -> Bool {
        switch self {
        case .string(let value): ExactText(value) == ExactText(text)
        case .bool(let value): text == (value ? "true" : "false")
        case .int(let value): text == String(value)
        // Numbers have several texts (2, 2.0, 2e0), so the number is compared, and NaN by its name.
        case .double(let value): Double(text) == value || (value.isNaN && text == "NaN")
        case .binary, .array: ExactText(text) == ExactText(self.text)
        }
    }
}

/// The tags that a span must have, each with its key and the text of its value; of a key with several values all must
/// be present.
struct TagFilter: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    struct Term: Sendable, Hashable {
        let key: String
        let text: String
    }

    private(set) var terms: Set<Term> = []

    init(dictionaryLiteral terms: (String, String)...) {
        for (key, text) in terms { add(key, text) }
    }

    var isEmpty: Bool { terms.isEmpty }

    mutating func add(_ key: String, _ text: String) {
        terms.insert(Term(key: key, text: text))
    }
}
