import HTTPTypes
import SpoorText

/// A type whose values are read from the text of a parameter, in addition to those that are
/// `LosslessStringConvertible` or `RawRepresentable`.
///
/// Conform a type to it to have its own messages, or to read a form other than its description. `SpoorJSON` conforms
/// `UUID` and `Date`.
public protocol InputValue: SendableMetatype {
    /// Returns the value of a text, percent-decoded; nil if the text is not valid.
    static func inputValue(of text: String) -> Self?

    /// What is expected of the text, with an article, for messages: "a UUID".
    static var inputExpectation: String { get }
}

/// How a parameter's text becomes a value, and what is expected of the text.
struct InputParser<Value> {
    let parse: (String) -> Value?
    let expectation: String

    init(_ parse: @escaping (String) -> Value?, expecting expectation: String) {
        self.parse = parse
        self.expectation = expectation
    }
}

extension InputParser where Value: InputValue {
    static var input: Self {
        Self({ Value.inputValue(of: $0) }, expecting: Value.inputExpectation)
    }
}

extension InputParser where Value: LosslessStringConvertible {
    static var lossless: Self { Self({ value(of: $0) }, expecting: expectation) }

    /// Returns the value of a text; nil if the text is not valid.
    ///
    /// Numbers have one spelling, so that the same resource has one path: no plus sign, no leading zeros, only ASCII
    /// digits, no hexadecimal and no special values.
    private static func value(of text: String) -> Value? {
        guard let value = Value(text) else { return nil }
        switch value {
        case is any FixedWidthInteger: return value.description == text ? value : nil
        case let number as any BinaryFloatingPoint:
            return number.isFinite && isDecimal(text) ? value : nil
        default: return value
        }
    }

    private static func isDecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            byte.isDigit || byte == .hyphen || byte == .dot || byte | 0x20 == UInt8(ascii: "e")
        }
    }

    private static var expectation: String {
        switch Value.self {
        case is Bool.Type: "true or false"
        case is any UnsignedInteger.Type: "an integer that is not negative"
        case is any BinaryInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a decimal number"
        case is String.Type: "a text"
        case is HTTPDate.Type: "a date such as Sun, 06 Nov 1994 08:49:37 GMT"
        case is MediaType.Type: "a media type such as text/plain"
        case is EntityTag.Type: "an entity tag in quotes such as \"v7\""
        case is ByteRanges.Type: "ranges such as bytes=0-499"
        default: "a valid value"
        }
    }
}

extension InputParser where Value: RawRepresentable, Value.RawValue: LosslessStringConvertible {
    static var raw: Self {
        let raw = InputParser<Value.RawValue>.lossless
        return Self(
            { raw.parse($0).flatMap(Value.init(rawValue:)) },
            expecting: rawCases(of: Value.self) ?? raw.expectation)
    }
}

/// Returns "one of a, b, c" for an enum with raw values that is `CaseIterable`; nil for any other type.
package func rawCases(of type: Any.Type) -> String? {
    func cases<Type: CaseIterable>(_ type: Type.Type) -> [String]? {
        let values = type.allCases.prefix(20).map { value in
            (value as? any RawRepresentable).map { "\($0.rawValue)" }
        }
        return values.contains(nil) || values.isEmpty ? nil : values.compactMap(\.self)
    }
    guard let type = type as? any CaseIterable.Type, let values = cases(type) else { return nil }
    return "one of " + values.joined(separator: ", ")
}

extension Problem.Violation {
    /// Returns the violation of a value that is not what is expected; shows at most 40 characters of it.
    static func invalid(
        _ location: Location, _ text: String, expecting expectation: String
    ) -> Problem.Violation {
        let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
        return Problem.Violation(location, "must be \(expectation), not \"\(shown)\"")
    }

    /// Returns the violation of a value that is missing.
    static func missing(
        _ location: Location, expecting expectation: String
    ) -> Problem.Violation {
        Problem.Violation(location, "is missing, must be \(expectation)")
    }

    /// Returns the violation of a value that is given several times where one is expected.
    static func repeated(_ location: Location, count: Int) -> Problem.Violation {
        Problem.Violation(location, "occurs \(count) times, must occur once")
    }

    /// A problem of status 400 with this violation alone.
    var badRequest: Problem { .badRequest([self]) }
}

extension Problem {
    /// Returns a problem of status 400 for parameters or headers that are not valid.
    static func badRequest(_ violations: [Violation]) -> Problem {
        let isHeader = if case .header = violations.first?.location { true } else { false }
        return Problem(
            .badRequest,
            isHeader ? "the request has an invalid header" : "the request has invalid parameters",
            violations: violations)
    }
}
