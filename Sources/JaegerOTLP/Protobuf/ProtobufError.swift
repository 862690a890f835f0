/// Why bytes are not a message of OTLP: always the sender's fault, with the place where it shows.
package struct ProtobufError: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Cause: Hashable, Sendable {
        /// The bytes end within a value.
        case endOfInput
        /// A length claims more than the bytes that are left.
        case lengthBeyondInput(UInt64)
        /// A number of more than 64 bits.
        case oversizedVarint
        /// A field number of zero, or beyond 2^29 - 1.
        case badFieldNumber(UInt64)
        /// A wire type that frames groups (3 and 4), which OTLP never had, or is none (6 and 7).
        case badWireType(UInt8)
        /// Messages nested deeper than ``ProtobufReader/depthLimit``.
        case tooDeep
        /// More messages than ``ProtobufReader/messageCountMax``.
        case tooManyMessages
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

extension ProtobufError: CustomStringConvertible {
    /// One sentence part for a log line or an error response.
    package var description: String {
        let what =
            switch cause {
            case .endOfInput: "unexpected end of input"
            case .lengthBeyondInput(let length): "length \(length) exceeds the input"
            case .oversizedVarint: "number of more than 64 bits"
            case .badFieldNumber(let number): "field number \(number)"
            case .badWireType(let type): "wire type \(type)"
            case .tooDeep: "messages nested too deep"
            case .tooManyMessages: "too many messages"
            }
        return "\(what) at byte \(offset)"
    }
}
