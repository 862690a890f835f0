/// A media type with its parameters, as `Content-Type` has it: `text/html; charset=utf-8` (RFC 9110 §8.3.1).
///
/// Types, subtypes and names of parameters are compared without regard to case and kept in lower case; values are kept as they
/// are, without quotes.
public struct MediaType: Hashable, Sendable {
    /// A parameter: its name in lower case, and its value without quotes.
    public struct Parameter: Hashable, Sendable {
        /// The name in lower case.
        public let name: String
        /// The value as it was meant: without quotes, and with escapes resolved.
        public let value: String
    }

    /// What stands before the slash, in lower case.
    public let type: String
    /// What stands after the slash, in lower case.
    public let subtype: String
    /// The parameters in order.
    public let parameters: [Parameter]

    /// Type and subtype without parameters, such as `text/html`.
    public var essence: String { "\(type)/\(subtype)" }

    /// Type and subtype of a field's value in lower case, whatever its parameters are; nil if nothing stands before them.
    package static func essence(of contentType: String) -> String? {
        let essence = contentType.utf8.prefix { $0 != .semicolon }.trimmingBlanks
        return essence.isEmpty ? nil : String(decoding: essence, as: UTF8.self).lowercased()
    }

    /// The value of the first parameter of that name, which is compared without regard to case; nil if there is none.
    public subscript(parameter: String) -> String? {
        let name = parameter.lowercased()
        return parameters.first { $0.name == name }?.value
    }
}

extension MediaType: LosslessStringConvertible {
    /// Reads a field's value; nil if it is no media type.
    ///
    /// Blanks around `;` are accepted, empty parameters are left out (RFC 9110 §5.6.6), and a comma ends nothing: a field that
    /// came twice is no media type.
    public init?(_ description: String) {
        var reader = MediaTypeReader(rest: Array(description.utf8).trimmingBlanks)
        guard let type = reader.token(), reader.skip(.slash), let subtype = reader.token(),
            let parameters = reader.parameters()
        else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// The media type as a field's value; values that are no tokens are quoted.
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

/// Reads the parts of a media type one after the other.
private struct MediaTypeReader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    /// One or more token bytes (RFC 9110 §5.6.2); nil if there is none.
    mutating func token() -> String? {
        let token = rest.prefix(while: \.isTokenByte)
        rest = rest.dropFirst(token.count)
        return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
    }

    /// What stands between quotes, which are next (RFC 9110 §5.6.4); nil if they are not closed.
    private mutating func quotedString() -> String? {
        var value: [UInt8] = []
        guard skip(.quote) else { return nil }
        while let byte = rest.popFirst() {
            switch byte {
            case .quote: return String(decoding: value, as: UTF8.self)
            case .backslash:
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(byte)
            }
        }
        return nil
    }

    /// `parameters = *( OWS ";" OWS [ parameter ] )` to the end; nil if anything else stands there.
    mutating func parameters() -> [MediaType.Parameter]? {
        var parameters: [MediaType.Parameter] = []
        while true {
            rest = rest.drop(while: \.isBlank)
            if rest.isEmpty { return parameters }
            guard skip(.semicolon) else { return nil }
            rest = rest.drop(while: \.isBlank)
            guard let name = token() else { continue }
            guard skip(.equalsSign), let value = rest.first == .quote ? quotedString() : token()
            else { return nil }
            parameters.append(MediaType.Parameter(name: name.lowercased(), value: value))
        }
    }
}
