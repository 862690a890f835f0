import JaegerTracing

/// Encodes `Tag` of jaeger.thrift: 1 key, 2 vType, then the value field that vType selects.
///
/// The IDL has no arrays: they are encoded as JSON text (OpenTelemetry's mapping to Jaeger).
extension SpanTag {
    /// The exact size of the encoded struct, including its stop byte.
    @inline(__always)
    var thriftByteCount: Int {
        ThriftSize.string(key) + ThriftSize.int32 + (value.thriftByteCount ?? jsonByteCount)
            + ThriftSize.stop
    }

    @inline(never)
    private var jsonByteCount: Int { ThriftSize.string(value.text) }
}

extension TagValue {
    /// The exact size of the value's field; nil for an array, whose text must be created first.
    ///
    /// It calls no function, so the compiler needs no reference counting for it.
    @inline(__always)
    fileprivate var thriftByteCount: Int? {
        switch self {
        case .string(let text): ThriftSize.string(text)
        case .double: ThriftSize.double
        case .bool: ThriftSize.bool
        case .int: ThriftSize.int64
        case .binary(let bytes): ThriftSize.binary(bytes)
        case .array: nil
        }
    }
}

/// The values of `TagType` in jaeger.thrift.
enum ThriftTagType {
    static let string: Int32 = 0
    static let double: Int32 = 1
    static let bool: Int32 = 2
    static let long: Int32 = 3
    static let binary: Int32 = 4
}

extension OutputSpan<UInt8> {
    /// Appends a list field of tags; omitted if there are none, as the field is optional.
    @inline(__always)
    mutating func append(field id: Int16, optionalTags tags: [SpanTag]) {
        guard !tags.isEmpty else { return }
        append(field: id, tags: tags)
    }

    mutating func append(field id: Int16, tags: [SpanTag]) {
        append(field: id, structures: tags.count)
        let tags = tags.span
        for index in tags.indices {
            append(tags[index])
        }
    }

    @inline(__always)
    mutating func append(_ tag: SpanTag) {
        append(field: 1, string: tag.key)
        switch tag.value {
        case .string(let text):
            append(field: 2, int32: ThriftTagType.string)
            append(field: 3, string: text)
        case .double(let number):
            append(field: 2, int32: ThriftTagType.double)
            append(field: 4, double: number)
        case .bool(let truth):
            append(field: 2, int32: ThriftTagType.bool)
            append(field: 5, bool: truth)
        case .int(let number):
            append(field: 2, int32: ThriftTagType.long)
            append(field: 6, int64: number)
        case .binary(let bytes):
            append(field: 2, int32: ThriftTagType.binary)
            append(field: 7, binary: bytes)
        case .array:
            append(field: 2, int32: ThriftTagType.string)
            append(field: 3, string: tag.value.text)
        }
        appendStop()
    }
}

extension [SpanTag] {
    /// The exact size of a list field of these tags that is omitted if empty.
    @inline(__always)
    var thriftOptionalByteCount: Int { isEmpty ? 0 : thriftByteCount }

    /// The exact size of a list field of these tags.
    var thriftByteCount: Int {
        var byteCount = ThriftSize.listHeader
        let tags = span
        for index in tags.indices {
            byteCount += tags[index].thriftByteCount
        }
        return byteCount
    }
}
