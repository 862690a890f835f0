/// Why bytes are not a message of a wire format of spans: always the sender's fault, with the place where it shows.
///
/// One type for all formats, so that whoever decodes spans handles one kind of fault.
package struct MalformedBytes: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Cause: Hashable, Sendable {
        /// The bytes end within a value.
        case endOfInput
        /// A length or count is below zero.
        case negativeLength(Int32)
        /// A length or count claims more than the bytes that are left could hold.
        case lengthBeyondInput(UInt64)
        /// A type of value that the format does not know or does not allow, so that nothing after it can be read.
        case unknownType(UInt8)
        /// A list holds another type of element than the schema says.
        case unexpectedElementType(UInt8)
        /// A field number that the format does not allow.
        case invalidFieldNumber(UInt64)
        /// A number of more than 64 bits.
        case oversizedNumber
        /// Values nested deeper than the reader's limit.
        case tooDeep
        /// More values than the reader's limit.
        case tooManyValues
        /// A required field is absent (or has another type): its name as in the schema, `Span.spanId`.
        case missingField(String)
        /// The envelope of a remote call (`80 01 …` of Thrift, as sent over UDP), where a bare struct is expected.
        case messageEnvelope
    }

    /// What is wrong.
    package let cause: Cause
    /// How many bytes from the start it shows.
    package let offset: Int

    /// Makes an error that is found at an offset.
    package init(_ cause: Cause, at offset: Int) {
        self.cause = cause
        self.offset = offset
    }
}

extension MalformedBytes: CustomStringConvertible {
    /// One sentence part for a log line or an error response.
    package var description: String {
        let what =
            switch cause {
            case .endOfInput: "unexpected end of input"
            case .negativeLength(let length): "negative length \(length)"
            case .lengthBeyondInput(let length): "length \(length) exceeds the input"
            case .unknownType(let type): "unknown type \(type)"
            case .unexpectedElementType(let type): "unexpected list element type \(type)"
            case .invalidFieldNumber(let number): "invalid field number \(number)"
            case .oversizedNumber: "number of more than 64 bits"
            case .tooDeep: "values nested too deep"
            case .tooManyValues: "too many values"
            case .missingField(let name): "required field \(name) is not set"
            case .messageEnvelope: "message envelope instead of a bare struct"
            }
        return "\(what) at byte \(offset)"
    }
}
