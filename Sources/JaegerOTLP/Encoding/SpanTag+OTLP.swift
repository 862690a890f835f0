import JaegerTracing

/// Encodes `KeyValue` of OTLP: 1 key, 2 `AnyValue`, in which the field number is the type.
extension SpanTag {
    /// The exact size of the message, without its key and length.
    @inline(__always)
    var otlpByteCount: Int {
        ProtobufSize.optional(string: key) + ProtobufSize.lengthDelimited(value.otlpByteCount)
    }
}

extension TagValue {
    /// The exact size of `AnyValue`, without its key and length.
    ///
    /// A member of a `oneof` is written even if it is zero or empty.
    @inline(__always)
    var otlpByteCount: Int {
        switch self {
        case .string(let text): ProtobufSize.lengthDelimited(text.utf8.count)
        case .bool: ProtobufSize.bool
        case .int(let number): ProtobufSize.key + ProtobufSize.varint(UInt64(bitPattern: number))
        case .double: ProtobufSize.fixed64
        case .array(let elements): ProtobufSize.lengthDelimited(elements.otlpByteCount)
        case .binary(let bytes): ProtobufSize.lengthDelimited(bytes.count)
        }
    }
}

extension [TagValue] {
    /// The exact size of `ArrayValue`.
    fileprivate var otlpByteCount: Int {
        var byteCount = 0
        for element in self {
            byteCount += ProtobufSize.lengthDelimited(element.otlpByteCount)
        }
        return byteCount
    }
}

extension OutputSpan<UInt8> {
    /// Appends an element of a repeated field of attributes.
    @inline(__always)
    mutating func append(field number: UInt64, attribute tag: SpanTag) {
        let valueByteCount = tag.value.otlpByteCount
        append(
            field: number,
            messageOf: ProtobufSize.optional(string: tag.key)
                + ProtobufSize.lengthDelimited(valueByteCount))
        append(field: 1, optionalString: tag.key)
        append(field: 2, messageOf: valueByteCount)
        append(tag.value)
    }

    @inline(__always)
    private mutating func append(_ value: TagValue) {
        switch value {
        case .string(let text): append(field: 1, string: text)
        case .bool(let truth): append(field: 2, varint: truth ? 1 : 0)
        case .int(let number): append(field: 3, varint: UInt64(bitPattern: number))
        case .double(let number): append(field: 4, fixed64: number.bitPattern)
        case .array(let elements): append(elements)
        case .binary(let bytes): append(field: 7, bytes: bytes.span)
        }
    }

    private mutating func append(_ elements: [TagValue]) {
        append(field: 5, messageOf: elements.otlpByteCount)
        for element in elements {
            append(field: 1, messageOf: element.otlpByteCount)
            append(element)
        }
    }
}
