public import HTTPTypes

/// Conversion between `Headers` and `HTTPFields` of swift-http-types; the bytes of values are kept.
extension Headers {
    /// Creates headers from `HTTPFields`, in order.
    public init(_ headers: HTTPFields) {
        for field in headers {
            append(field.name, bytes: unsafe field.withUnsafeBytesOfValue { unsafe Array($0) })
        }
    }
}

extension Headers: Sequence {
    /// Returns an iterator over the headers in order, as `HTTPField` values; headers whose names are not tokens are
    /// skipped.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// An iterator over the headers of a message in order.
    ///
    /// Not an `AnyIterator`: Swift 6.3 cannot compile, with optimisation, top-level code that iterates one.
    public struct Iterator: IteratorProtocol {
        private let headers: Headers
        private var index = 0

        init(_ headers: Headers) {
            self.headers = headers
        }

        /// Returns the next header whose name is a token; nil after the last.
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
    /// Creates `HTTPFields` from headers; allocates two strings per header.
    public init(_ headers: Headers) {
        self.init()
        for field in headers {
            append(field)
        }
    }
}
