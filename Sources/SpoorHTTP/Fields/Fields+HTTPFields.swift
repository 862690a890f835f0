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
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Walks the fields of a message in order.
    ///
    /// A type of its own: Swift 6.3 cannot compile, with optimisation, top-level code that iterates an `AnyIterator`.
    public struct Iterator: IteratorProtocol {
        private let fields: Fields
        private var index = 0

        init(_ fields: Fields) {
            self.fields = fields
        }

        /// The next field whose name is a token; nil after the last.
        public mutating func next() -> HTTPField? {
            while index < fields.entries.count {
                let entry = fields.entries[index]
                index += 1
                guard let name = HTTPField.Name(fields.text(entry.name)) else { continue }
                return HTTPField(name: name, value: fields.bytes[entry.value])
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
