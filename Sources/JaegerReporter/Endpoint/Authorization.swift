import SpoorHTTP

/// What proves to a collector who sends: the value of `Authorization` (RFC 9110 §11.6.2), which is never shown.
public struct Authorization: Sendable, Hashable {
    /// The value of the field.
    let fieldValue: String
    private let scheme: String

    /// A user and a password (RFC 7617), as UTF-8.
    ///
    /// - Parameters:
    ///   - user: Without a colon: what stands behind one would be taken for a part of the password.
    ///   - password: Any text.
    public static func basic(user: String, password: String) -> Authorization {
        Authorization(
            fieldValue: "Basic " + Base64.encoded(Array("\(user):\(password)".utf8)),
            scheme: "Basic")
    }

    /// A token (RFC 6750); white space around it, such as the end of the line of a file, is left out.
    public static func bearer(_ token: String) -> Authorization {
        let bytes = token.utf8.drop { $0 <= 0x20 }
        let end = bytes.lastIndex { $0 > 0x20 }.map { bytes.index(after: $0) } ?? bytes.startIndex
        return Authorization(
            fieldValue: "Bearer " + String(decoding: bytes[..<end], as: UTF8.self),
            scheme: "Bearer")
    }
}

extension Authorization: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The scheme alone.
    public var description: String { "\(scheme) …" }

    /// The scheme alone.
    public var debugDescription: String { description }

    /// Nothing: what is inside is secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
