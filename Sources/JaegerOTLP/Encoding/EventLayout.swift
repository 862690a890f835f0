import JaegerTracing

/// What a log's fields say that `Span.Event` of OTLP has fields for, and the size of the message.
struct EventLayout {
    /// Where among the fields the name of the event stands.
    private(set) var name: Int?
    /// Where among the fields the count of those that were dropped stands.
    private(set) var dropped: Int?
    private(set) var droppedCount: UInt64 = 0
    /// The exact size of the message, without key and length before it.
    private(set) var byteCount: Int

    /// The name of a log without one, by OpenTelemetry's rules for OpenTracing.
    static let defaultName = "log"

    init(_ log: SpanLog) {
        byteCount = ProtobufSize.optional(fixed64: log.nanosecondsSinceEpoch)
        for index in log.fields.indices {
            let field = log.fields[index]
            if name == nil, field.isEventName {
                name = index
            } else if dropped == nil, case .droppedTagCount(let count) = field.lifted {
                dropped = index
                droppedCount = count
            } else if !isOverridden(index, of: log) {
                byteCount += ProtobufSize.lengthDelimited(field.otlpByteCount)
            }
        }
        byteCount += ProtobufSize.optional(string: name(of: log))
        byteCount += ProtobufSize.optional(varint: droppedCount)
    }

    /// Whether a later field has the same key: keys of attributes are unique, and the last wins.
    @inline(__always)
    private func isOverridden(_ index: Int, of log: SpanLog) -> Bool {
        let key = log.fields[index].key
        return log.fields[(index + 1)...].contains { $0.key == key }
    }

    /// Whether a field is an attribute, neither a field of the event nor overruled.
    @inline(__always)
    func isAttribute(_ index: Int, of log: SpanLog) -> Bool {
        index != name && index != dropped && !isOverridden(index, of: log)
    }

    func name(of log: SpanLog) -> String {
        guard let name, case .string(let text) = log.fields[name].value else {
            return Self.defaultName
        }
        return text
    }
}

extension SpanTag {
    @inline(__always)
    fileprivate var isEventName: Bool {
        guard key.utf8.count == 5, key == Lifted.event, case .string = value else { return false }
        return true
    }
}

extension OutputSpan<UInt8> {
    /// Appends one of a span's events.
    mutating func append(field number: UInt64, event log: SpanLog) {
        let layout = EventLayout(log)
        append(field: number, messageOf: layout.byteCount)
        append(field: 1, optionalFixed64: log.nanosecondsSinceEpoch)
        append(field: 2, optionalString: layout.name(of: log))
        for index in log.fields.indices where layout.isAttribute(index, of: log) {
            append(field: 3, attribute: log.fields[index])
        }
        append(field: 4, optionalVarint: layout.droppedCount)
    }
}
