import SpoorText

/// A field that must not be sent.
public struct FieldError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the field.
    public enum Reason: Sendable, Equatable {
        /// The value has a control byte other than HTAB: it could end the head early (RFC 9110 §5.5).
        case valueInvalid
        /// The name is that of a pseudo-header, which HTTP/1.1 has not (RFC 9110 §5.1).
        case nameInvalid
        /// The field has to be known before the body, and may not stand behind it (RFC 9110 §6.5.1).
        case trailerForbidden
    }

    /// The name of the field.
    public let name: String
    /// What is wrong with it.
    public let reason: Reason

    /// An error for a field that was refused when it was set; the name tells the reason unless one is given.
    package init(name: String, reason: Reason? = nil) {
        self.name = name
        self.reason = reason ?? (name.utf8.first == .colon ? .nameInvalid : .valueInvalid)
    }

    /// Why the field is refused.
    public var description: String {
        switch reason {
        case .valueInvalid:
            "the value of the field \(name) has a control byte in it (RFC 9110 §5.5)"
        case .nameInvalid: "\(name) is no name of a field (RFC 9110 §5.1)"
        case .trailerForbidden: "the field \(name) may not stand behind a body (RFC 9110 §6.5.1)"
        }
    }
}
