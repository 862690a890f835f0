/// The value of a `Content-Disposition` header of a response: whether a browser shows the content or saves it, and under
/// which name (RFC 6266).
///
/// ```swift
/// ContentDisposition.attachment(named: "März.csv").description
/// // attachment; filename="M_rz.csv"; filename*=UTF-8''M%C3%A4rz.csv
/// ```
public struct ContentDisposition: Hashable, Sendable {
    /// What a browser does with the content.
    public enum Kind: String, Hashable, Sendable {
        /// It is saved as a file.
        case attachment
        /// It is shown; the name is used if the user saves it.
        case inline
    }

    /// What a browser does with the content.
    public let kind: Kind
    /// The name of the file, made safe; nil for none.
    public let fileName: String?

    /// Content that a browser saves as a file.
    ///
    /// - Parameter fileName: The proposed name; nil for that of the URL. It is made safe: only the part after the last
    ///   `/` or `\` is used, without control characters and marks that change the direction of text; without such a
    ///   part it is `download`.
    public static func attachment(named fileName: String? = nil) -> ContentDisposition {
        ContentDisposition(kind: .attachment, fileName: fileName.map(safe))
    }

    /// Content that a browser shows.
    ///
    /// - Parameter fileName: As that of ``attachment(named:)``.
    public static func inline(named fileName: String? = nil) -> ContentDisposition {
        ContentDisposition(kind: .inline, fileName: fileName.map(safe))
    }

    private static func safe(_ name: String) -> String {
        var kept = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "/", "\\": kept = ""
            case "\u{200E}", "\u{200F}", "\u{061C}", "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                break
            default:
                if scalar.properties.generalCategory != .control {
                    kept.unicodeScalars.append(scalar)
                }
            }
        }
        let trimmed = String(decoding: Array(kept.utf8).trimmingBlanks, as: UTF8.self)
        return trimmed.utf8.allSatisfy { $0 == .dot } ? "download" : trimmed
    }

    /// The name in ASCII for clients that do not support RFC 8187.
    ///
    /// Some decode percent-encoding or ignore a backslash, so `%` and the quote become `_` as well (RFC 6266 §D).
    private static func fallback(of name: String) -> String {
        String(
            decoding: name.unicodeScalars.map { scalar in
                guard let byte = UInt8(exactly: scalar.value), byte.isVisible || byte == .space,
                    byte != .quote, byte != .percent
                else { return UInt8.underscore }
                return byte
            }, as: UTF8.self)
    }

    /// Returns a name as `value-chars` (RFC 8187 §3.2.1): everything but `attr-char` is percent-encoded.
    private static func extended(_ name: String) -> String {
        var text: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case .asterisk, .percent, UInt8(ascii: "'"):
                PercentEncoding.append(encoded: byte, to: &text)
            case _ where byte.isTokenByte: text.append(byte)
            default: PercentEncoding.append(encoded: byte, to: &text)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension ContentDisposition: CustomStringConvertible {
    /// The header value; `filename*` is present if the name is not ASCII.
    public var description: String {
        guard let fileName else { return kind.rawValue }
        let fallback = Self.fallback(of: fileName)
        let value = "\(kind.rawValue); filename=\"\(fallback)\""
        return fallback == fileName
            ? value : "\(value); filename*=UTF-8''\(Self.extended(fileName))"
    }
}
