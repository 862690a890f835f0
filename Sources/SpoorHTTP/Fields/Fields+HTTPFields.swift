public import HTTPTypes

/// Fields to and from `HTTPFields` of swift-http-types; the bytes of values are kept.
extension Fields {
    /// The fields of an `HTTPFields`, in order.
    public init(_ fields: HTTPFields) {
        for field in fields {
            append(field.name, bytes: unsafe field.withUnsafeBytesOfValue { unsafe Array($0) })
        }
    }
}

extension Fields: Sequence {
    /// Walks the fields in order, as `HTTPField` values; fields whose names are no tokens are left out.
    public func makeIterator() -> AnyIterator<HTTPField> {
        var index = 0
        return AnyIterator {
            while index < entries.count {
                let entry = entries[index]
                index += 1
                guard let name = HTTPField.Name(text(entry.name)) else { continue }
                return HTTPField(name: name, value: bytes[entry.value])
            }
            return nil
        }
    }
}

extension HTTPFields {
    /// The fields of a message as the ecosystem's own type; costs two Strings a field.
    public init(_ fields: Fields) {
        self.init()
        for field in fields {
            append(field)
        }
    }
}
