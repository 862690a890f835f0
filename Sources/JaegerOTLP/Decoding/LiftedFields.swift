import JaegerTracing
import SpoorText

/// The fields of an OTLP span for which Jaeger has tags; the inverse of ``LiftedTag``.
struct LiftedFields {
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
            tags.appendIfAbsent(SpanTag.Lifted.statusCode, "OK")
        case SpanLayout.StatusCode.error:
            tags.removeAll {
                $0.key.isExactly(SpanTag.Lifted.error)
                    && ($0.value == .bool(false) || $0.value.isExactly("false"))
            }
            tags.appendIfAbsent(SpanTag.Lifted.error, true)
            tags.appendIfAbsent(SpanTag.Lifted.statusCode, "ERROR")
        default: break
        }
        if !statusMessage.isEmpty {
            tags.appendIfAbsent(SpanTag.Lifted.statusMessage, .string(statusMessage))
        }
        if !traceState.isEmpty {
            tags.appendIfAbsent(SpanTag.Lifted.traceState, .string(traceState))
        }
        tags.appendCount(SpanTag.Lifted.droppedTagCount, droppedTagCount)
        tags.appendCount(SpanTag.Lifted.droppedLogCount, droppedLogCount)
        tags.appendCount(SpanTag.Lifted.droppedReferenceCount, droppedReferenceCount)
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
