import JaegerTracing

/// Fields of a span of OTLP for which Jaeger has tags: the way back of ``LiftedTag``.
struct LiftedFields {
    var kind: UInt64 = 0
    var statusCode: UInt64 = 0
    var statusMessage = ""
    var traceState = ""
    var droppedTagCount: UInt64 = 0
    var droppedLogCount: UInt64 = 0
    var droppedReferenceCount: UInt64 = 0

    /// Appends the tags; an attribute of the same name wins, but none denies an error.
    func append(to tags: inout [Tag]) {
        if let word = SpanKindTag.word(for: kind) {
            tags.appendIfAbsent(SpanKindTag.key, .string(word))
        }
        switch statusCode {
        case SpanOutline.StatusCode.ok:
            tags.appendIfAbsent(Tag.Lifted.statusCode, "OK")
        case SpanOutline.StatusCode.error:
            tags.removeAll {
                $0.key.isExactly(Tag.Lifted.error)
                    && ($0.value == .bool(false) || $0.value.isExactly("false"))
            }
            tags.appendIfAbsent(Tag.Lifted.error, true)
            tags.appendIfAbsent(Tag.Lifted.statusCode, "ERROR")
        default: break
        }
        if !statusMessage.isEmpty {
            tags.appendIfAbsent(Tag.Lifted.statusMessage, .string(statusMessage))
        }
        if !traceState.isEmpty {
            tags.appendIfAbsent(Tag.Lifted.traceState, .string(traceState))
        }
        tags.appendCount(Tag.Lifted.droppedTagCount, droppedTagCount)
        tags.appendCount(Tag.Lifted.droppedLogCount, droppedLogCount)
        tags.appendCount(Tag.Lifted.droppedReferenceCount, droppedReferenceCount)
    }
}

extension [Tag] {
    mutating func appendIfAbsent(_ key: String, _ value: TagValue) {
        if !contains(where: { $0.key.isExactly(key) }) { append(Tag(key, value)) }
    }

    /// Appends how many were dropped, if any were.
    mutating func appendCount(_ key: String, _ count: UInt64) {
        if count > 0 { appendIfAbsent(key, .int(Int64(clamping: count))) }
    }
}
