import JaegerContext

/// The headers of a message, in order and with repetitions: a carrier for extraction and injection.
package struct HeaderList: HeaderCarrier, HeaderWriter, Sendable {
    package var fields: [(name: String, value: String)] = []

    package init(_ fields: [(String, String)]) {
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    package func forEachHeader(
        _ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void
    ) {
        for field in fields { body(field.name.utf8.span, field.value.utf8.span) }
    }

    package mutating func setHeader(_ name: String, to value: String) {
        fields.removeAll { $0.name == name }
        fields.append((name: name, value: value))
    }

    package mutating func removeHeaders(where isStale: (_ name: Swift.Span<UInt8>) -> Bool) {
        fields.removeAll { isStale($0.name.utf8.span) }
    }
}

extension HeaderList: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
    package init(arrayLiteral elements: (String, String)...) { self.init(elements) }
}
