/// Writes JSON (RFC 8259) directly into bytes: values in order, commas are inserted automatically.
///
/// The caller must close what it opens: apart from the commas, nothing is checked.
package struct JSONWriter: Sendable {
    /// The bytes written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma: Bool

    /// Creates a writer.
    ///
    /// - Parameter isContinuation: Whether earlier values of the same array or object were written before, in bytes
    ///   that were already sent.
    package init(isContinuation: Bool = false) {
        needsComma = isContinuation
    }

    // MARK: Structure

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        elements(&self)
        close(UInt8(ascii: "]"))
    }

    package mutating func array<Element>(
        of elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        array { writer in
            for element in elements {
                write(&writer, element)
            }
        }
    }

    /// Writes the name of the next member of an object.
    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes the next member of an object: a name and a string.
    package mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes the next member of an object: a name and an integer.
    package mutating func member(_ name: String, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma {
            bytes.append(UInt8(ascii: ","))
        }
        needsComma = true
    }

    // MARK: Values

    package mutating func null() {
        literal("null")
    }

    package mutating func bool(_ value: Bool) {
        literal(value ? "true" : "false")
    }

    package mutating func integer(_ value: some BinaryInteger) {
        literal(String(value))
    }

    /// Writes a finite number; JSON has no others (RFC 8259 §6).
    package mutating func number(_ value: Double) {
        literal(value.description)
    }

    package mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            append(escaped: byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// RFC 8259 §7: quotation mark, reverse solidus and control characters must be escaped.
    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
        case 0x00..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(.hexDigit(byte >> 4))
            bytes.append(.hexDigit(byte & 0xF))
        default: bytes.append(byte)
        }
    }
}
