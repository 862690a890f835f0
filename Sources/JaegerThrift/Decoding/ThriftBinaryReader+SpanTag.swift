import JaegerTracing

/// Decodes `Tag` of jaeger.thrift: the value is in the field that vType selects; other value fields are ignored.
extension ThriftBinaryReader {
    /// An empty key and a type, which are required, and the stop byte.
    private static let minimumTagByteCount = (3 + 4) + (3 + 4) + 1

    private static let kindKey = Array("span.kind".utf8)

    mutating func tags() throws(MalformedBytes) -> [SpanTag] {
        let count = try structureCount(minimumByteCount: Self.minimumTagByteCount)
        var tags: [SpanTag] = []
        tags.reserveCapacity(count)
        for _ in 0..<count {
            tags.append(tag(of: try tagFields()))
        }
        return tags
    }

    /// Validates tags, and returns the range of the text of the first `span.kind`, if it is a text.
    mutating func scanTags() throws(MalformedBytes) -> Range<Int>? {
        var kind: TagFields?
        for _ in 0..<(try structureCount(minimumByteCount: Self.minimumTagByteCount)) {
            let fields = try tagFields()
            if kind == nil, bytes(in: fields.key, are: Self.kindKey) { kind = fields }
        }
        guard let kind, kind.type == ThriftTagType.string else { return nil }
        return kind.text
    }

    private func tag(of fields: TagFields) -> SpanTag {
        let value: TagValue =
            switch fields.type {
            case ThriftTagType.string: .string(string(in: fields.text))
            case ThriftTagType.double: .double(fields.number)
            case ThriftTagType.bool: .bool(fields.truth)
            case ThriftTagType.long: .int(fields.whole)
            case ThriftTagType.binary: .binary(binary(in: fields.binary))
            case let unknown: .string("unknown tag type \(unknown)")
            }
        return SpanTag(string(in: fields.key), value)
    }

    @inline(__always)
    private mutating func tagFields() throws(MalformedBytes) -> TagFields {
        var key: Range<Int>?
        var type: Int32?
        var fields = TagFields()
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .string): key = try lengthPrefixed()
            case (2, .int32): type = try int32()
            case (3, .string): fields.text = try lengthPrefixed()
            case (4, .double): fields.number = try double()
            case (5, .bool): fields.truth = try bool()
            case (6, .int64): fields.whole = try int64()
            case (7, .string): fields.binary = try lengthPrefixed()
            default: try skip(field.type)
            }
        }
        fields.key = try required(key, "Tag.key")
        fields.type = try required(type, "Tag.vType")
        return fields
    }

    /// Returns the value of a required field, or throws with its name in the IDL.
    @inline(__always)
    func required<Value>(_ value: Value?, _ name: String) throws(MalformedBytes) -> Value {
        guard let value else { throw MalformedBytes(.missingField(name), at: offset) }
        return value
    }
}

/// The fields of a tag, with the ranges of texts and bytes.
private struct TagFields {
    var key = 0..<0
    var type: Int32 = 0
    // An absent value field is the zero value of its type, as in generated readers.
    var text = 0..<0
    var number = 0.0
    var truth = false
    var whole: Int64 = 0
    var binary = 0..<0
}
