import JaegerThrift
import JaegerTracing
import SpoorText

/// What a search asks for: one span of a trace must satisfy all of it, as in Jaeger.
struct TraceQuery: Sendable, Hashable {
    /// The service that made the span; nil for any.
    var service: String?
    /// The operation of the span; nil for any.
    var operation: String?
    /// Tags that the span must have.
    var tags = TagFilter()
    /// The span began at this instant or later: nanoseconds since the Unix epoch.
    var startMinNanoseconds: UInt64 = 0
    /// The span began at this instant or earlier: nanoseconds since the Unix epoch.
    var startMaxNanoseconds: UInt64 = .max
    /// The span lasted this long or longer, in nanoseconds.
    var durationMinNanoseconds: UInt64 = 0
    /// The span lasted this long or shorter, in nanoseconds.
    var durationMaxNanoseconds: UInt64 = .max
    /// How many traces are wanted at the most.
    var limit = Self.limitDefault

    /// Jaeger's own default.
    static let limitDefault = 100

    /// Whether a span of the run can match, as far as is known without decoding them.
    func mayMatch(_ run: StoredRun) -> Bool {
        guard run.startNanosecondsSinceEpoch <= startMaxNanoseconds,
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
        return span.startNanosecondsSinceEpoch >= startMinNanoseconds
            && span.startNanosecondsSinceEpoch <= startMaxNanoseconds
            && span.durationNanoseconds >= durationMinNanoseconds
            && span.durationNanoseconds <= durationMaxNanoseconds
            && tags.terms.allSatisfy { Self.has(span, $0.key, $0.text) }
    }

    private func isOfService(_ process: TracedProcess) -> Bool {
        guard let service else { return true }
        return ExactText(process.serviceName) == ExactText(service)
    }

    /// Jaeger looks among the tags of the span, of its process and of its logs.
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
    /// Whether the value reads as the text of a search.
    func matches(_ text: String) -> Bool {
        switch self {
        case .string(let value): ExactText(value) == ExactText(text)
        case .bool(let value): text == (value ? "true" : "false")
        case .int(let value): text == String(value)
        // Numbers have many texts (2, 2.0, 2e0): the number is compared, and NaN with its name.
        case .double(let value): Double(text) == value || (value.isNaN && text == "NaN")
        case .binary, .array: ExactText(text) == ExactText(self.text)
        }
    }
}

/// Tags that a span must have, each by its key and the text of its value; a key may be given with several values, which
/// then must all be there.
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
