import SpoorHTTP
import SpoorText

/// Why a response is refused, by cause; all are the peer's fault, and the connection closes after each.
package enum ResponseFault: Error, Hashable {
    /// The status line is not made of version, code and reason with one space between.
    case lineMalformed
    /// The line is longer than ``HTTP1Limits/startLineBytesMax``.
    case lineTooLong
    /// The version is not `HTTP/` and two digits with a dot between (RFC 9112 §2.3).
    case versionMalformed
    /// A major version other than 1.
    case versionUnsupported
    /// The status is not three digits from 100 on (RFC 9110 §15).
    case statusInvalid
    /// More interim responses than ``HTTP1Limits/interimResponsesMax``.
    case tooManyInterims
    /// A switch of protocols that nobody asked for (RFC 9110 §7.8).
    case switchUnasked
    /// The fields are malformed, or too many.
    case field(FieldFault)
    /// The fields do not say for sure where the body ends.
    case framing(FramingFault)
    /// The body breaks its framing or its bound, or the connection ended within it.
    case body(BodyFault)
}

extension ResponseFault: CustomStringConvertible {
    /// The cause as a dotted name of few values.
    package var description: String {
        switch self {
        case .field(let fault): "field.\(fault.rawValue)"
        case .framing(let fault): "framing.\(fault.rawValue)"
        case .body(let fault): "body.\(fault)"
        case .lineMalformed: "lineMalformed"
        case .lineTooLong: "lineTooLong"
        case .versionMalformed: "versionMalformed"
        case .versionUnsupported: "versionUnsupported"
        case .statusInvalid: "statusInvalid"
        case .tooManyInterims: "tooManyInterims"
        case .switchUnasked: "switchUnasked"
        }
    }
}

/// Why a response was refused, for the caller: the cause, the limit that was exceeded, and what came in place of a response.
extension ResponseFault {
    /// How many of the bytes received are shown.
    private static let shownBytesMax = 32

    /// The cause, with the value and the name of the limit that was passed, or with the first bytes received, escaped, where
    /// they are no status line.
    ///
    /// - Parameters:
    ///   - received: What the response, or the unread part of it, began with.
    ///   - limits: The bounds that it was read with.
    package func explanation(received: Span<UInt8>, limits: HTTP1Limits) -> String {
        switch self {
        case .lineMalformed, .versionMalformed, .versionUnsupported, .statusInvalid:
            "\(self): received \(Self.escaped(received))\(Self.guess(received))"
        case .lineTooLong:
            "\(self): the status line has more than \(limits.startLineBytesMax) bytes (HTTP1Limits.startLineBytesMax)"
        case .tooManyInterims:
            "\(self): more than \(limits.interimResponsesMax) interim responses (HTTP1Limits.interimResponsesMax)"
        case .field(.tooLarge):
            "\(self): the head has more than \(limits.headBytesMax) bytes (HTTP1Limits.headBytesMax)"
        case .field(.tooMany):
            "\(self): the head has more than \(limits.fieldCountMax) fields (HTTP1Limits.fieldCountMax)"
        case .body(.trailer(.tooLarge)):
            "\(self): the trailer section has more than \(limits.trailerBytesMax) bytes (HTTP1Limits.trailerBytesMax)"
        case .body(.trailer(.tooMany)):
            "\(self): the trailer section has more than \(limits.fieldCountMax) fields (HTTP1Limits.fieldCountMax)"
        case .body(.chunkExtensionsTooLarge):
            "\(self): more than \(limits.chunkExtensionBytesMax) bytes beyond the content (HTTP1Limits.chunkExtensionBytesMax)"
        default: description
        }
    }

    /// Bytes as text in quotes; what is not printable ASCII is escaped.
    private static func escaped(_ bytes: Span<UInt8>) -> String {
        var text = "\""
        for index in 0..<min(bytes.count, shownBytesMax) {
            switch bytes[index] {
            case .carriageReturn: text += "\\r"
            case .lineFeed: text += "\\n"
            case .quote: text += "\\\""
            case .backslash: text += "\\\\"
            case UInt8.space..<UInt8.delete:
                text.unicodeScalars.append(Unicode.Scalar(bytes[index]))
            default:
                let digits = String(bytes[index], radix: 16)
                text += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
        return text + (bytes.count > shownBytesMax ? "\"…" : "\"")
    }

    /// What the peer seems to speak, where that is plain.
    private static func guess(_ bytes: Span<UInt8>) -> String {
        // RFC 8446 §5.1: content type and legacy version of a record.
        if bytes.count > 2, (0x14...0x17).contains(bytes[0]), bytes[1] == 3 {
            return ", which looks like TLS: use https"
        }
        if begins(bytes, "SSH-") { return ", which looks like SSH" }
        if begins(bytes, "PRI * HTTP/2")
            || begins(bytes, "\0\0") && bytes.count > 3 && bytes[3] == 4
        {
            return ", which looks like HTTP/2"
        }
        if begins(bytes, "<") { return ", which looks like HTML or XML without a head" }
        return ""
    }

    private static func begins(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        let wanted = text.utf8Span.span
        guard bytes.count >= wanted.count else { return false }
        for index in wanted.indices where bytes[index] != wanted[index] { return false }
        return true
    }
}
