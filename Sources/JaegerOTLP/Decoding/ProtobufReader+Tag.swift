import JaegerTracing

/// Decodes `KeyValue` and `AnyValue` of OTLP.
///
/// Jaeger has no key-value lists: they become JSON texts, like arrays in formats without arrays.
extension ProtobufReader {
    /// Reads the attributes in a repeated field of this message.
    mutating func attributes(inField number: UInt32) throws(MalformedBytes) -> [SpanTag] {
        var attributes: [SpanTag] = []
        while let field = try field() {
            if field.number == number, field.type == .lengthDelimited {
                try appendAttribute(to: &attributes)
            } else {
                try skip(field.type)
            }
        }
        return attributes
    }

    /// Reads a `KeyValue`; one with an empty key is dropped.
    mutating func appendAttribute(to attributes: inout [SpanTag]) throws(MalformedBytes) {
        var pair = try message()
        let (key, value) = try pair.keyValue()
        guard !key.isEmpty else { return }
        var reader = value
        attributes.append(SpanTag(key, try reader?.anyValue() ?? ""))
    }

    /// Reads the parts of this `KeyValue`, with the value still encoded.
    private mutating func keyValue() throws(MalformedBytes) -> (key: String, ProtobufReader?) {
        var key = ""
        var value: ProtobufReader?
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): key = try string()
            case (2, .lengthDelimited): value = try message()
            default: try skip(field.type)
            }
        }
        return (key, value)
    }

    /// Decodes this `AnyValue`; the last of several members wins, and without one the value is an empty text.
    private mutating func anyValue() throws(MalformedBytes) -> TagValue {
        var value: TagValue = ""
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): value = .string(try string())
            case (2, .varint): value = .bool(try varint() != 0)
            case (3, .varint): value = .int(Int64(bitPattern: try varint()))
            case (4, .fixed64): value = .double(Double(bitPattern: try fixed64()))
            case (5, .lengthDelimited):
                var list = try message()
                value = .array(try list.arrayValue())
            case (6, .lengthDelimited):
                var list = try message()
                var text = ""
                try list.writeObject(to: &text)
                value = .string(text)
            case (7, .lengthDelimited): value = .binary(try binary())
            default: try skip(field.type)
            }
        }
        return value
    }

    private mutating func arrayValue() throws(MalformedBytes) -> [TagValue] {
        var elements: [TagValue] = []
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited):
                var element = try message()
                elements.append(try element.anyValue())
            default: try skip(field.type)
            }
        }
        return elements
    }

    // MARK: JSON

    /// Writes this `KeyValueList` as a JSON object.
    private mutating func writeObject(to text: inout String) throws(MalformedBytes) {
        text += "{"
        while let field = try field() {
            guard field.number == 1, field.type == .lengthDelimited else {
                try skip(field.type)
                continue
            }
            var pair = try message()
            let (key, value) = try pair.keyValue()
            if text.utf8.last != UInt8(ascii: "{") { text += "," }
            text += TagValue.string(key).jsonText + ":"
            guard var reader = value else {
                text += "null"
                continue
            }
            try reader.writeJSON(to: &text)
        }
        text += "}"
    }

    /// Writes this `AnyValue` as JSON.
    ///
    /// Nested lists are written directly: as texts they would be quoted again at each level, which doubles the quotes
    /// each time.
    private mutating func writeJSON(to text: inout String) throws(MalformedBytes) {
        var probe = self
        while let field = try probe.field() {
            switch (field.number, field.type) {
            case (5, .lengthDelimited):
                var list = try probe.message()
                return try list.writeArray(to: &text)
            case (6, .lengthDelimited):
                var list = try probe.message()
                return try list.writeObject(to: &text)
            default: try probe.skip(field.type)
            }
        }
        text += try anyValue().jsonText
    }

    /// Writes this `ArrayValue` as JSON.
    private mutating func writeArray(to text: inout String) throws(MalformedBytes) {
        text += "["
        while let field = try field() {
            guard field.number == 1, field.type == .lengthDelimited else {
                try skip(field.type)
                continue
            }
            if text.utf8.last != UInt8(ascii: "[") { text += "," }
            var element = try message()
            try element.writeJSON(to: &text)
        }
        text += "]"
    }
}

extension TagValue {
    /// The value as JSON: the text of an array with this element, without its brackets.
    fileprivate var jsonText: String {
        String(TagValue.array([self]).text.dropFirst().dropLast())
    }
}
