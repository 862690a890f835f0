public import FoundationEssentials
public import SpoorHTTP

/// UUIDs as parameters.
extension UUID: InputValue {
    /// Returns the UUID of a text in its usual form, in either case.
    public static func inputValue(of text: String) -> UUID? { UUID(uuidString: text) }

    /// A UUID.
    public static var inputExpectation: String { "a UUID" }
}

/// Dates as parameters.
extension Date: InputValue {
    /// Returns the instant of a text in ISO 8601: `2026-03-01T12:00:00Z`, with or without fractions of a second, or
    /// with an offset in place of `Z`.
    public static func inputValue(of text: String) -> Date? {
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? plain.parse(text)) ?? (try? fractional.parse(text))
    }

    /// A date in ISO 8601.
    public static var inputExpectation: String {
        "a date and time in ISO 8601, such as 2026-03-01T12:00:00Z"
    }
}
