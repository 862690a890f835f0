/// The value of an `Authorization` header: a scheme and its credentials (RFC 9110 §11.4, §11.6.2).
///
/// ```swift
/// guard let token = try exchange.request.headers.authorization?.bearerToken else {
///     throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Bearer"])
/// }
/// ```
///
/// Compare secrets with `ConstantTime` of `SpoorHTTP`. The description does not contain the credentials.
public struct AuthorizationHeader: Hashable, Sendable {
    /// The user and the password of the scheme `Basic`; its description does not contain the password.
    public struct Basic: Hashable, Sendable, CustomStringConvertible {
        /// The user, without a colon.
        public let user: String
        /// The password.
        public let password: String

        /// The user.
        public var description: String { "Basic \(user):…" }
    }

    /// The scheme as sent, such as `Basic`; schemes are compared case-insensitively.
    public let scheme: String
    /// The credentials after the scheme, unchanged; empty if there are none.
    public let credentials: String

    /// Parses a header value; returns nil if it has no scheme.
    public init?(_ value: String) {
        var reader = HeaderValueReader(Array(value.utf8).trimmingBlanks)
        guard let scheme = reader.token() else { return nil }
        // RFC 9110 §11.4: 1*SP between scheme and credentials.
        guard reader.rest.isEmpty || reader.skip(.space) else { return nil }
        self.scheme = scheme
        credentials = String(decoding: reader.rest.drop { $0 == .space }, as: UTF8.self)
    }

    /// Returns whether the scheme has this name, compared case-insensitively.
    public func hasScheme(_ name: String) -> Bool { scheme.utf8.equalsIgnoringCase(name.utf8) }

    /// The user and the password of the scheme `Basic`; nil for another scheme, and for credentials that are not the
    /// Base64 of UTF-8 with a colon and without control characters (RFC 7617 §2).
    public var basic: Basic? {
        guard hasScheme("Basic"), let bytes = Base64.standard.decode(credentials),
            let text = String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }),
            let colon = text.utf8.firstIndex(of: .colon)
        else { return nil }
        return Basic(
            user: String(text[..<colon]),
            password: String(text[text.utf8.index(after: colon)...]))
    }

    /// The token of the scheme `Bearer`; nil for another scheme, and for a token with other characters than letters,
    /// digits, `-._~+/` and `=` at its end (RFC 6750 §2.1).
    public var bearerToken: String? {
        guard hasScheme("Bearer") else { return nil }
        let padding = credentials.utf8.reversed().prefix { $0 == .equalsSign }.count
        let token = credentials.utf8.dropLast(padding)
        let isValid = token.allSatisfy { $0.isUnreserved || $0 == .plus || $0 == .slash }
        return isValid && !token.isEmpty ? credentials : nil
    }
}

extension AuthorizationHeader: CustomStringConvertible {
    /// The scheme.
    public var description: String { credentials.isEmpty ? scheme : "\(scheme) …" }
}
