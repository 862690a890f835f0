import JaegerTracing
import SpoorText

/// The fields of an OTLP span for which Jaeger has tags; the inverse of ``MappedTag``.
struct MappedFields {
    var kind: UInt64 = 0
    var statusCode: UInt64 = 0
    var statusMessage = ""
    var traceState = ""
    var droppedTagCount: UInt64 = 0
    var droppedLogCount: UInt64 = 0
    var droppedReferenceCount: UInt64 = 0

    /// Appends the tags; an attribute of the same name wins, except `error=false` for a failed span.
    func append(to tags: inout [SpanTag]) {
        if let word = SpanKindTag.word(for: kind) {
            tags.appendIfAbsent(SpanKindTag.key, .string(word))
        }
        switch statusCode {
        case SpanLayout.StatusCode.ok:
            tags.appendIfAbsent(SpanTag.Mapped.statusCode, "OK")
        case SpanLayout.StatusCode.error:
            tags.removeAll {
                $0.key.isExactly(SpanTag.Mapped.error)
                    && ($0.value == .bool(false) || $0.value.isExactly("false"))
            }
            tags.appendIfAbsent(SpanTag.Mapped.error, true)
            tags.appendIfAbsent(SpanTag.Mapped.statusCode, "ERROR")
        default: break
        }
        if !statusMessage.isEmpty {
            tags.appendIfAbsent(SpanTag.Mapped.statusMessage, .string(statusMessage))
        }
        if !traceState.isEmpty {
            tags.appendIfAbsent(SpanTag.Mapped.traceState, .string(traceState))
        }
        tags.appendCount(SpanTag.Mapped.droppedTagCount, droppedTagCount)
        tags.appendCount(SpanTag.Mapped.droppedLogCount, droppedLogCount)
        tags.appendCount(SpanTag.Mapped.droppedReferenceCount, droppedReferenceCount)
    }
}

extension [SpanTag] {
    mutating func appendIfAbsent(_ key: String, _ value: TagValue) {
        if !contains(where: { $0.key.isExactly(key) }) { append(SpanTag(key, value)) }
    }

    /// Appends a count of dropped items, unless it is zero.
    mutating func appendCount(_ key: String, _ count: UInt64) {
        if count > 0 { appendIfAbsent(key, .int(Int64(clamping: count))) }
    }
}

extension TagValue {
    /// Returns whether the value is a text with exactly these UTF-8 bytes.
    func isExactly(_ text: String) -> Bool {
        guard case .string(let value) = self else { return false }
        return value.isExactly(text)
    }
}
