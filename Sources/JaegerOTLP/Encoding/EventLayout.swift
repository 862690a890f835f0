import JaegerTracing

/// The fields of a log that are fields of OTLP's `Span.Event`, and the size of the message.
struct EventLayout {
    /// The index of the field with the event name.
    private(set) var name: Int?
    /// The index of the field with the number of dropped attributes.
    private(set) var dropped: Int?
    private(set) var droppedCount: UInt64 = 0
    /// The exact size of the message, without its key and length.
    private(set) var byteCount: Int

    /// The name of a log without an event name, according to OpenTelemetry's conventions for OpenTracing.
    static let defaultName = "log"

    init(_ log: SpanLog) {
        byteCount = ProtobufSize.optional(fixed64: log.nanosecondsSinceEpoch)
        for index in log.fields.indices {
            let field = log.fields[index]
            if name == nil, field.isEventName {
                name = index
            } else if dropped == nil, case .droppedTagCount(let count) = field.mapped {
                dropped = index
                droppedCount = count
            } else if !isOverridden(index, of: log) {
                byteCount += ProtobufSize.lengthDelimited(field.otlpByteCount)
            }
        }
        byteCount += ProtobufSize.optional(string: name(of: log))
        byteCount += ProtobufSize.optional(varint: droppedCount)
    }

    /// Returns whether a later field has the same key: attribute keys are unique, and the last wins.
    @inline(__always)
    private func isOverridden(_ index: Int, of log: SpanLog) -> Bool {
        let key = log.fields[index].key
        return log.fields[(index + 1)...].contains { $0.key == key }
    }

    /// Returns whether a field is an attribute: neither a field of the event nor overridden.
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
        guard key.utf8.count == 5, key == Mapped.event, case .string = value else { return false }
        return true
    }
}

extension OutputSpan<UInt8> {
    /// Appends an event of a span.
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
