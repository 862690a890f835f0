/// The error of decoding a wire format of spans, with its offset; the sender is always at fault.
///
/// It is one type for all formats, so that callers that decode spans handle one kind of error.
package struct MalformedBytes: Error, Hashable, Sendable {
    /// The cause of the error.
    package enum Cause: Hashable, Sendable {
        /// The bytes end within a value.
        case endOfInput
        /// A length or count is negative.
        case negativeLength(Int32)
        /// A length or count exceeds what the remaining bytes could hold.
        case lengthBeyondInput(UInt64)
        /// A value type that the format does not define or allow, so that nothing after it can be parsed.
        case unknownType(UInt8)
        /// A list has another element type than the schema requires.
        case unexpectedElementType(UInt8)
        /// A field number that the format does not allow.
        case invalidFieldNumber(UInt64)
        /// A number has more than 64 bits.
        case oversizedNumber
        /// The values are nested deeper than the reader's limit.
        case tooDeep
        /// There are more values than the reader's limit.
        case tooManyValues
        /// A required field is missing or has another type; contains its name as in the schema, such as `Span.spanId`.
        case missingField(String)
        /// A message starts with the envelope of a remote call (`80 01 …` of Thrift, as sent over UDP) instead of a
        /// bare struct.
        case messageEnvelope
    }

    /// The cause of the error.
    package let cause: Cause
    /// The offset of the error from the start, in bytes.
    package let offset: Int

    /// Creates an error at an offset.
    package init(_ cause: Cause, at offset: Int) {
        self.cause = cause
        self.offset = offset
    }
}

extension MalformedBytes: CustomStringConvertible {
    /// A phrase for a log line or an error response.
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
