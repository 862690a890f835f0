import JaegerTracing

/// Comparing what a client wrote byte for byte.
///
/// `==` compares texts after normalisation, which takes the square of the number of combining marks in a row: minutes for
/// a megabyte of them.
extension String {
    /// Whether both have the same UTF-8.
    func isExactly(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

extension TagValue {
    /// Whether the value is a text of that UTF-8.
    func isExactly(_ text: String) -> Bool {
        guard case .string(let value) = self else { return false }
        return value.isExactly(text)
    }
}
