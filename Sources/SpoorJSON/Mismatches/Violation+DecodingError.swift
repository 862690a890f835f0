import SpoorHTTP
import SpoorText

/// Violations of values that do not match a type.
extension Problem.Violation {
    /// Creates the violation that an error of a decoder describes.
    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(let type, let context):
            self.init(at: context.codingPath, "must be \(Self.name(of: type))")
        case .valueNotFound(let type, let context):
            self.init(
                at: context.codingPath, "must not be null, must be \(Self.name(of: type))")
        case .keyNotFound(let key, let context):
            self.init(at: context.codingPath + [key], "is missing")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // The error contains neither the value nor a reason that the client could use.
            self.init(at: [], "a value does not match its type, such as a number out of range")
        case .dataCorrupted(let context)
        where context.debugDescription.hasPrefix("Cannot initialize"):
            // The message of the standard library contains the name of the type.
            self.init(at: context.codingPath, "is not one of the accepted values")
        case .dataCorrupted(let context):
            self.init(at: context.codingPath, context.debugDescription)
        @unknown default: self.init(at: [], "does not have the expected structure")
        }
    }

    /// Creates the violation of the value at a path in the body.
    init(at codingPath: [any CodingKey], _ detail: String) {
        let pointer = codingPath.map { key in
            "/" + (key.intValue.map { "\($0)" } ?? JSONPointer.escape(key.stringValue))
        }
        self.init(.body(pointer: pointer.joined()), detail)
    }

    /// Returns what is expected of a type that decodes itself from a text, if that is known.
    static func expectation(of type: Any.Type) -> String? {
        rawCases(of: type) ?? (type as? any InputValue.Type)?.inputExpectation
    }

    /// Returns the name of the JSON value that a type is decoded from.
    private static func name(of type: Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is any UnsignedInteger.Type: "an integer that is not negative"
        case is any BinaryInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is String.Type: "a string"
        case is [String: Any].Type, is any ObjectType.Type: "an object"
        case is [Any].Type, is any ArrayType.Type: "an array"
        default: "another type of value"
        }
    }
}

private protocol ArrayType {}
extension Array: ArrayType {}
private protocol ObjectType {}
extension Dictionary: ObjectType {}
