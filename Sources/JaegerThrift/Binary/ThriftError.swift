/// Why bytes are not a Thrift value: always the sender's fault, with the place where it shows.
package struct ThriftError: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Cause: Hashable, Sendable {
        /// The bytes end within a value.
        case endOfInput
        /// A length or count is below zero.
        case negativeLength(Int32)
        /// A length or count claims more than the bytes that are left could hold.
        case lengthBeyondInput(Int32)
        /// A type byte that the binary protocol does not know, so that nothing behind it can be read.
        case unknownType(UInt8)
        /// A list holds another type of element than the IDL says.
        case unexpectedElementType(UInt8)
        /// Values nested deeper than ``ThriftBinaryReader/depthLimit``.
        case tooDeep
        /// A required field is absent (or has another type): its name as in the IDL, `Span.spanId`.
        case missingField(String)
        /// A message envelope (`80 01 …`), as sent over UDP, where a bare struct is expected.
        case messageEnvelope
    }

    /// What is wrong.
    package let cause: Cause
    /// How many bytes from the start it shows.
    package let offset: Int

    package init(_ cause: Cause, at offset: Int) {
        self.cause = cause
        self.offset = offset
    }
}

extension ThriftError: CustomStringConvertible {
    /// One sentence part for a log line or an error response.
    package var description: String {
        let what =
            switch cause {
            case .endOfInput: "unexpected end of input"
            case .negativeLength(let length): "negative length \(length)"
            case .lengthBeyondInput(let length): "length \(length) exceeds the input"
            case .unknownType(let byte): "unknown type \(byte)"
            case .unexpectedElementType(let type): "unexpected list element type \(type)"
            case .tooDeep: "values nested too deep"
            case .missingField(let name): "required field \(name) is not set"
            case .messageEnvelope: "message envelope instead of a bare struct"
            }
        return "\(what) at byte \(offset)"
    }
}
