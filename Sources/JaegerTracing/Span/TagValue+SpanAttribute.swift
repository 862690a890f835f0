package import Tracing

/// Tags as the attributes of swift-distributed-tracing, and back.
extension TagValue {
    init(_ attribute: SpanAttribute) {
        switch attribute {
        case .string(let value): self = .string(value)
        case .int64(let value): self = .int(value)
        case .int32(let value): self = .int(Int64(value))
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .stringConvertible(let value): self = Self.described(value)
        case .int32Array(let values): self = .array(values.map { .int(Int64($0)) })
        case .int64Array(let values): self = .array(values.map { .int($0) })
        case .boolArray(let values): self = .array(values.map { .bool($0) })
        case .doubleArray(let values): self = .array(values.map { .double($0) })
        case .stringArray(let values): self = .array(values.map { .string($0) })
        // Arrays of `Int` come this way too.
        case .stringConvertibleArray(let values): self = .array(values.map(Self.described))
        // The enumeration forbids to be listed in full: it may grow.
        default: self = .string(String(describing: attribute))
        }
    }

    /// The value as an attribute; nil for bytes and what contains them, and for arrays within
    /// arrays: there are no such attributes.
    package var attribute: SpanAttribute? {
        switch self {
        case .string(let value): return .string(value)
        case .int(let value): return .int64(value)
        case .double(let value): return .double(value)
        case .bool(let value): return .bool(value)
        case .binary: return nil
        case .array(let values):
            var elements: [any CustomStringConvertible & Sendable] = []
            elements.reserveCapacity(values.count)
            for value in values {
                switch value {
                case .string(let value): elements.append(value)
                case .int(let value): elements.append(value)
                case .double(let value): elements.append(value)
                case .bool(let value): elements.append(value)
                case .binary, .array: return nil
                }
            }
            return Self.attribute(of: elements)
        }
    }

    private static func attribute(
        of elements: [any CustomStringConvertible & Sendable]
    ) -> SpanAttribute {
        if let texts = elements as? [String] { return .stringArray(texts) }
        if let numbers = elements as? [Int64] { return .int64Array(numbers) }
        if let numbers = elements as? [Double] { return .doubleArray(numbers) }
        if let truths = elements as? [Bool] { return .boolArray(truths) }
        return .stringConvertibleArray(elements)
    }

    /// A value that came as a mere description: unsigned and narrow numbers do.
    private static func described(_ value: any CustomStringConvertible & Sendable) -> TagValue {
        switch value {
        case let number as any BinaryInteger: TagValue(number)
        case let number as Double: .double(number)
        case let number as Float: .double(Double(number))
        case let truth as Bool: .bool(truth)
        default: .string(String(describing: value))
        }
    }
}

extension SpanAttributes {
    /// The attributes as tags, in the order of their keys: a dictionary has none of its own.
    var tags: [SpanTag] {
        var tags: [SpanTag] = []
        tags.reserveCapacity(count)
        forEach { key, attribute in tags.append(SpanTag(key, TagValue(attribute))) }
        tags.sort { $0.key < $1.key }
        return tags
    }
}
