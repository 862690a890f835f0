/// A media type with its parameters, as in `Content-Type`: `text/html; charset=utf-8` (RFC 9110 §8.3.1).
///
/// Types, subtypes and parameter names are compared case-insensitively and kept in lower case; parameter values are
/// kept unchanged, without quotes.
public struct MediaType: Hashable, Sendable {
    /// A parameter: its name in lower case, and its value without quotes.
    public struct Parameter: Hashable, Sendable {
        /// The name in lower case.
        public let name: String
        /// The value without quotes and with escapes resolved.
        public let value: String
    }

    /// The type, before the slash, in lower case.
    public let type: String
    /// The subtype, after the slash, in lower case.
    public let subtype: String
    /// The parameters in order.
    public let parameters: [Parameter]

    /// `application/json` (RFC 8259).
    public static let json = MediaType("application", "json")
    /// `application/problem+json` (RFC 9457).
    public static let problemJSON = MediaType("application", "problem+json")
    /// `text/html; charset=utf-8`.
    public static let html = MediaType("text", "html", charset: "utf-8")
    /// `text/plain; charset=utf-8`.
    public static let plainText = MediaType("text", "plain", charset: "utf-8")

    /// Creates a media type from names in lower case.
    private init(_ type: String, _ subtype: String, charset: String? = nil) {
        self.type = type
        self.subtype = subtype
        parameters = charset.map { [Parameter(name: "charset", value: $0)] } ?? []
    }

    /// Whether the content is JSON: `application/json`, or any type with the suffix `+json` (RFC 6839 §3.1).
    public var isJSON: Bool { essence == Self.json.essence || subtype.hasSuffix("+json") }

    /// The type and subtype without parameters, such as `text/html`.
    public var essence: String { "\(type)/\(subtype)" }

    /// Returns type and subtype of a header value in lower case, without parameters; nil if they are empty.
    package static func essence(of contentType: String) -> String? {
        let essence = contentType.utf8.prefix { $0 != .semicolon }.trimmingBlanks
        return essence.isEmpty ? nil : String(decoding: essence, as: UTF8.self).lowercased()
    }

    /// The value of the first parameter of that name, compared case-insensitively; nil if there is none.
    public subscript(parameter: String) -> String? {
        let name = parameter.lowercased()
        return parameters.first { $0.name == name }?.value
    }
}

extension MediaType: LosslessStringConvertible {
    /// Parses a header value; returns nil if it is not a media type.
    ///
    /// Blanks around `;` are accepted, and empty parameters are ignored (RFC 9110 §5.6.6). A comma is not a
    /// separator: the joined values of a repeated header are not a media type.
    public init?(_ description: String) {
        var reader = HeaderValueReader(Array(description.utf8).trimmingBlanks)
        guard let type = reader.token(), reader.skip(.slash), let subtype = reader.token(),
            let parameters = reader.parameters()
        else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// The media type as a header value; parameter values that are not tokens are quoted.
    public var description: String {
        parameters.reduce(into: essence) { text, parameter in
            let value = parameter.value
            let isToken = !value.isEmpty && value.utf8.allSatisfy(\.isTokenByte)
            text += "; \(parameter.name)=" + (isToken ? value : Self.quoted(value))
        }
    }

    private static func quoted(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "\"") { text, scalar in
            if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        } + "\""
    }
}
