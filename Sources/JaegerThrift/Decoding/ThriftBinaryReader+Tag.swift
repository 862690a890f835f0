package import JaegerTracing

/// `Tag` of jaeger.thrift: the value is the field that vType names; other value fields are ignored.
extension ThriftBinaryReader {
    /// A key of no bytes and a type, which every tag has, and the stop.
    private static let minimumTagByteCount = (3 + 4) + (3 + 4) + 1

    package mutating func tags() throws(ThriftError) -> [Tag] {
        let count = try structureCount(minimumByteCount: Self.minimumTagByteCount)
        var tags: [Tag] = []
        tags.reserveCapacity(count)
        for _ in 0..<count {
            tags.append(try tag())
        }
        return tags
    }

    package mutating func tag() throws(ThriftError) -> Tag {
        var key: String?
        var type: Int32?
        // A value field that is absent reads as its type's zero, as in generated readers.
        var text = ""
        var number = 0.0
        var truth = false
        var whole: Int64 = 0
        var binary: [UInt8] = []
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .string): key = try string()
            case (2, .int32): type = try int32()
            case (3, .string): text = try string()
            case (4, .double): number = try double()
            case (5, .bool): truth = try bool()
            case (6, .int64): whole = try int64()
            case (7, .string): binary = try self.binary()
            default: try skip(field.type)
            }
        }
        let name = try required(key, "Tag.key")
        switch try required(type, "Tag.vType") {
        case ThriftTagType.string: return Tag(name, .string(text))
        case ThriftTagType.double: return Tag(name, .double(number))
        case ThriftTagType.bool: return Tag(name, .bool(truth))
        case ThriftTagType.long: return Tag(name, .int(whole))
        case ThriftTagType.binary: return Tag(name, .binary(binary))
        case let unknown: return Tag(name, .string("unknown tag type \(unknown)"))
        }
    }

    /// A field that the IDL demands, under its name there.
    func required<Value>(_ value: Value?, _ name: String) throws(ThriftError) -> Value {
        guard let value else { throw ThriftError(.missingField(name), at: offset) }
        return value
    }
}
