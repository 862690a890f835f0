public import HTTPTypes

/// Headers to and from `HTTPFields` of swift-http-types; the bytes of values are kept.
extension Headers {
    /// The fields of an `HTTPFields`, in order.
    public init(_ headers: HTTPFields) {
        for field in headers {
            append(field.name, bytes: unsafe field.withUnsafeBytesOfValue { unsafe Array($0) })
        }
    }
}

extension Headers: Sequence {
    /// Walks the fields in order, as `HTTPField` values; headers whose names are no tokens are left out.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Walks the fields of a message in order.
    ///
    /// A type of its own: Swift 6.3 cannot compile, with optimisation, top-level code that iterates an `AnyIterator`.
    public struct Iterator: IteratorProtocol {
        private let headers: Headers
        private var index = 0

        init(_ headers: Headers) {
            self.headers = headers
        }

        /// The next field whose name is a token; nil after the last.
        public mutating func next() -> HTTPField? {
            while index < headers.entries.count {
                let entry = headers.entries[index]
                index += 1
                guard let name = HTTPField.Name(headers.text(entry.name)) else { continue }
                return HTTPField(name: name, value: headers.bytes[entry.value])
            }
            return nil
        }
    }
}

extension HTTPFields {
    /// The fields of a message as the ecosystem's own type; costs two Strings a field.
    public init(_ headers: Headers) {
        self.init()
        for field in headers {
            append(field)
        }
    }
}
