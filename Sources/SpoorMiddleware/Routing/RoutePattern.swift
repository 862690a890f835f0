import SpoorHTTP
import SpoorText

/// The parsed template of a route, such as `/hello/{name}` or `/files/{path...}`.
///
/// A segment is a literal; a parameter `{name}` for one segment, or for the part of at least one byte between a
/// literal prefix and a literal suffix, as in `{name}.json`; or, at the end, a parameter `{name...}` for the rest
/// of the path, which may be empty. Literals may be percent-encoded: `/caf%C3%A9` and `/café` are the same.
struct RoutePattern {
    enum Segment: Equatable {
        case literal([UInt8])
        case parameter(prefix: [UInt8], suffix: [UInt8])
        case rest
    }

    /// The template as written, which identifies the route.
    let template: String
    let segments: [Segment]
    /// The names of the parameters, in order.
    let names: [String]

    /// Parses a template.
    init(_ template: String) throws(RoutePatternError) {
        do throws(RoutePatternError.Reason) {
            (segments, names) = try Self.parse(Array(template.utf8))
        } catch {
            throw RoutePatternError(template: template, reason: error)
        }
        self.template = template
    }

    private static let slash = UInt8(ascii: "/")
    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")

    private static func parse(
        _ template: [UInt8]
    ) throws(RoutePatternError.Reason) -> ([Segment], [String]) {
        guard template.first == slash else { throw .noLeadingSlash }
        let parts = template.dropFirst().split(separator: slash, omittingEmptySubsequences: false)
        var segments: [Segment] = []
        var names: [String] = []
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            guard isLast || !part.isEmpty else { throw .emptySegment }
            let (segment, name) = try parse(segment: part)
            guard isLast || segment != .rest else { throw .catchAllNotLast }
            if let name {
                guard !names.contains(name) else { throw .repeatedName(name) }
                names.append(name)
            }
            segments.append(segment)
        }
        return (segments, names)
    }

    private static func parse(
        segment: ArraySlice<UInt8>
    ) throws(RoutePatternError.Reason) -> (Segment, name: String?) {
        if segment.first == UInt8(ascii: ":") { throw .colon(text(segment)) }
        guard let start = segment.firstIndex(of: open) else {
            guard !segment.contains(close) else { throw .unbalancedBrace(text(segment)) }
            let literal = try literal(segment)
            guard literal != Array(".".utf8), literal != Array("..".utf8) else {
                throw .dotSegment(text(segment))
            }
            return (.literal(literal), nil)
        }
        let tail = segment[start...].dropFirst()
        guard let end = tail.firstIndex(of: close), !segment[..<start].contains(close),
            !tail[..<end].contains(open)
        else { throw .unbalancedBrace(text(segment)) }
        let after = segment[end...].dropFirst()
        guard !after.contains(open) else { throw .severalParameters(text(segment)) }
        guard !after.contains(close) else { throw .unbalancedBrace(text(segment)) }
        let prefix = try literal(segment[..<start])
        let suffix = try literal(after)
        return try parameter(text(tail[..<end]), between: prefix, and: suffix)
    }

    private static func parameter(
        _ written: String, between prefix: [UInt8], and suffix: [UInt8]
    ) throws(RoutePatternError.Reason) -> (Segment, name: String?) {
        let isRest = written.hasSuffix("...")
        let name = isRest ? String(written.dropLast(3)) : written
        guard isName(name) else { throw .name(written) }
        guard isRest else { return (.parameter(prefix: prefix, suffix: suffix), name) }
        guard prefix.isEmpty, suffix.isEmpty else { throw .catchAllNotWhole(written) }
        return (.rest, name)
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy { scalar in
                scalar == "_" || scalar == "-" || scalar.properties.isAlphabetic
                    || scalar.properties.numericType == .decimal
            }
    }

    /// Returns the decoded bytes of a literal.
    private static func literal(
        _ written: ArraySlice<UInt8>
    ) throws(RoutePatternError.Reason) -> [UInt8] {
        for index in written.indices {
            switch written[index] {
            case UInt8(ascii: "?"): throw .query
            case UInt8(ascii: "#"): throw .fragment
            case UInt8(ascii: "*"): throw .wildcard
            case UInt8(ascii: "%"):
                guard index + 2 < written.endIndex, written[index + 1].hexDigitValue != nil,
                    written[index + 2].hexDigitValue != nil
                else { throw .malformedEscape }
            case let byte where !isAllowed(byte): throw .character(byte)
            default: break
            }
        }
        var literal: [UInt8] = []
        PercentEncoding.forEachDecodedByte(of: written) { byte, _ in literal.append(byte) }
        return literal
    }

    /// Whether a byte is allowed unencoded in a segment (RFC 3986 §3.3), or belongs to a non-ASCII character.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isUnreserved || byte > .delete || "!$&'()+,;=:@".utf8.contains(byte)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

/// The error of a template that is not a valid route pattern.
struct RoutePatternError: Error, Equatable, CustomStringConvertible {
    enum Reason: Error, Equatable {
        case noLeadingSlash
        case emptySegment
        case dotSegment(String)
        case colon(String)
        case wildcard
        case query
        case fragment
        case character(UInt8)
        case malformedEscape
        case unbalancedBrace(String)
        case severalParameters(String)
        case name(String)
        case repeatedName(String)
        case catchAllNotLast
        case catchAllNotWhole(String)
    }

    let template: String
    let reason: Reason

    /// The template, what is wrong with it, and the correct syntax.
    var description: String { "the route pattern \"\(template)\" is invalid: \(reason)" }
}

extension RoutePatternError.Reason: CustomStringConvertible {
    var description: String {
        switch self {
        case .noLeadingSlash: "it must begin with a slash"
        case .emptySegment: "a segment between two slashes is empty"
        case .dotSegment(let text):
            "clients remove the segment \(text) from a path before they send it (RFC 3986 §5.2.4)"
        case .colon(let text):
            "a parameter is written {\(text.dropFirst())}, not \(text); write %3A for a literal colon here"
        case .wildcard:
            "* is not a wildcard; write {name} for one segment, {name...} for the rest of the path, or %2A for a literal asterisk"
        case .query:
            "a pattern has no query (read request.query in the handler); write %3F for a literal question mark"
        case .fragment: "a pattern has no fragment; write %23 for a literal number sign"
        case .character(let byte):
            "the character \(Self.name(byte)) cannot stand in a path (RFC 3986 §3.3); write it percent-encoded, as \(Self.escape(byte))"
        case .malformedEscape:
            "% is not followed by two hexadecimal digits; write %25 for a literal percent sign"
        case .unbalancedBrace(let segment):
            "the braces in the segment \(segment) do not match; write %7B and %7D for literal braces"
        case .severalParameters(let segment):
            "the segment \(segment) has more than one parameter; use one and split its value in the handler"
        case .name(let written):
            "{\(written)} has no valid name: a name consists of letters, digits, _ and -, followed by ... for the rest of the path"
        case .repeatedName(let name): "the name {\(name)} is used twice"
        case .catchAllNotLast:
            "a parameter for the rest of the path, {name...}, must be the last segment"
        case .catchAllNotWhole(let written):
            "{\(written)} stands for the rest of the path and must be a whole segment"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        byte.isVisible
            ? String(Character(Unicode.Scalar(byte))) : "U+00\(escape(byte).dropFirst())"
    }

    private static func escape(_ byte: UInt8) -> String {
        var bytes: [UInt8] = []
        PercentEncoding.append(encoded: byte, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
