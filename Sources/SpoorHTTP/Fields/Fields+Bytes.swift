public import HTTPTypes

/// Values of fields as the bytes that they are: opaque, and not always UTF-8 (RFC 9110 §5.5).
///
/// A value that is read as a `String` is decoded as UTF-8, and U+FFFD stands for what is not UTF-8. The bytes themselves are
/// never changed: fields that are passed on, between client and server, leave as they came.
extension Fields {
    /// The value under a name as bytes: several are joined as by the subscript for text; nil if there is none.
    ///
    /// Setting replaces every field of that name, or removes them with nil. A value with a control byte is refused as by
    /// ``append(_:bytes:)``.
    public subscript(bytes name: HTTPField.Name) -> [UInt8]? {
        get {
            guard let first = firstIndex(of: name) else { return nil }
            guard firstIndex(of: name, after: first) != nil else {
                return Array(bytes[entries[first].value])
            }
            let separator = name == .cookie ? "; " : ", "
            return Array(byteValues(of: name).joined(separator: Array(separator.utf8)))
        }
        set {
            remove(name)
            if let newValue { append(name, bytes: newValue) }
        }
    }

    /// Every value under a name as bytes, in order of arrival.
    public func byteValues(of name: HTTPField.Name) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var at = firstIndex(of: name)
        while let index = at {
            values.append(Array(bytes[entries[index].value]))
            at = firstIndex(of: name, after: index)
        }
        return values
    }

    /// Adds a field after the others, also when the name is there already.
    ///
    /// Any byte may stand in a value but the controls other than HTAB (RFC 9110 §5.5). A message with such a field is not
    /// sent, and the sender gets ``FieldError``.
    public mutating func append(_ name: HTTPField.Name, bytes value: [UInt8]) {
        append(rawName: name.rawName, value: value)
    }
}
