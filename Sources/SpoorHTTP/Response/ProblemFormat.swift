import HTTPTypes
public import SpoorText

/// The form in which problem details are sent.
public enum ProblemFormat: CaseIterable, Hashable, Sendable {
    /// `application/problem+json` (RFC 9457); also for clients that accept `application/json`.
    case json
    /// A small HTML page, for browsers.
    case html
    /// Plain text.
    case text

    /// The media type of the form.
    public var mediaType: MediaType {
        switch self {
        case .json: .problemJSON
        case .html: .html
        case .text: .plainText
        }
    }

    /// Returns the form that a request's `Accept` prefers (RFC 9110 §12.5.1): JSON if it accepts several equally, has
    /// no preference, or accepts none.
    ///
    /// A problem is sent even if no form is acceptable, as RFC 9110 §15.5.7 permits: a client that cannot read it
    /// still sees the status.
    public static func preferred(by accept: String?) -> ProblemFormat {
        let accepted = AcceptedMediaTypes(accept)
        var best = (format: ProblemFormat.json, quality: 0)
        for format in allCases {
            let quality = Self.quality(of: format, in: accepted)
            if quality > best.quality { best = (format, quality) }
        }
        return best.format
    }

    /// Returns the quality of a form; for JSON that of `application/problem+json` or else of `application/json`, if
    /// one is named, because a client that excludes it must not get it by a wildcard.
    private static func quality(of format: ProblemFormat, in accepted: AcceptedMediaTypes) -> Int {
        let named = format == .json ? [MediaType.problemJSON, .json] : []
        return named.lazy.compactMap(accepted.namedQuality).first
            ?? accepted.quality(of: format.mediaType)
    }

    /// Returns the response for a problem.
    package func response(for problem: Problem, traceID: String?) -> Response {
        let body =
            switch self {
            case .json: Self.json(problem, traceID)
            case .html: Self.html(problem, traceID)
            case .text: Self.text(problem, traceID)
            }
        return Response(
            status: problem.status, headers: problem.headers,
            contentType: problem.headers.contains(.contentType) ? nil : mediaType.description,
            body: .bytes(body))
    }

    // MARK: JSON

    private static let definedMembers: Set = [
        "type", "title", "status", "detail", "instance", "errors", "traceId",
    ]

    private static func json(_ problem: Problem, _ traceID: String?) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("type", problem.type)
            writer.member("title", problem.titleText)
            writer.key("status")
            writer.integer(problem.status.code)
            if let detail = problem.detail { writer.member("detail", detail) }
            if let instance = problem.instance { writer.member("instance", instance) }
            if !problem.violations.isEmpty {
                writer.key("errors")
                writer.array(of: problem.violations) { $0.violation($1) }
            }
            if let traceID { writer.member("traceId", traceID) }
            for (name, value) in problem.extensions.sorted(by: { $0.key < $1.key })
            where !definedMembers.contains(name) {
                writer.key(name)
                writer.value(value)
            }
        }
        return writer.bytes
    }

    // MARK: Text

    private static func text(_ problem: Problem, _ traceID: String?) -> [UInt8] {
        var text = problem.heading
        if let detail = problem.detail {
            text = detail.hasPrefix(text) ? detail : "\(text): \(detail)"
        }
        for violation in problem.violations { text += "\n\(violation)" }
        if let traceID { text += "\ntrace \(traceID)" }
        return Array((text + "\n").utf8)
    }

    // MARK: HTML

    private static func html(_ problem: Problem, _ traceID: String?) -> [UInt8] {
        var page = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        page += "<title>\(escaped(problem.heading))</title>\n<h1>\(escaped(problem.heading))</h1>\n"
        if let detail = problem.detail { page += "<p>\(escaped(detail))</p>\n" }
        if !problem.violations.isEmpty {
            page += "<ul>\n"
            for violation in problem.violations { page += "<li>\(escaped("\(violation)"))</li>\n" }
            page += "</ul>\n"
        }
        if let traceID { page += "<p>Trace: <code>\(escaped(traceID))</code></p>\n" }
        return Array((page + "</html>\n").utf8)
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Problem {
    /// The title, or the reason phrase of the status.
    package var titleText: String {
        if let title { return title }
        let text = status.text
        return text.contains(" ") ? String(text.drop { $0 != " " }.dropFirst()) : text
    }

    /// The code and the title.
    fileprivate var heading: String { title.map { "\(status.code) \($0)" } ?? status.text }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes an element of `errors`; RFC 9457 §3 writes the pointer into a body as a URI fragment (RFC 6901 §6).
    fileprivate mutating func violation(_ violation: Problem.Violation) {
        object { writer in
            writer.member("detail", violation.detail)
            switch violation.location {
            case .body(let pointer): writer.member("pointer", "#" + Self.fragment(pointer))
            case .query(let name): writer.parameter(name, in: "query")
            case .path(let name): writer.parameter(name, in: "path")
            case .header(let name): writer.parameter(name, in: "header")
            }
        }
    }

    private mutating func parameter(_ name: String, in place: String) {
        member("in", place)
        member("name", name)
    }

    private static func fragment(_ pointer: String) -> String {
        pointer.split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.pathSegment.encode(String($0)) }.joined(separator: "/")
    }
}
