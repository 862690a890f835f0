/// A text that is the same as another when their UTF-8 is, byte for byte; ordered by its bytes.
///
/// A `String` is hashed and compared after normalisation, which takes the square of the number of combining marks in a
/// row: some kilobytes of them cost a millisecond, a megabyte minutes. Texts of clients are compared like this instead.
struct ExactText: Hashable, Comparable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (one: Self, other: Self) -> Bool {
        one.text.utf8.count == other.text.utf8.count
            && one.text.utf8.elementsEqual(other.text.utf8)
    }

    static func < (one: Self, other: Self) -> Bool {
        one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        // No byte of UTF-8: what is hashed next is told from this text.
        hasher.combine(0xff as UInt8)
    }
}
