import HTTPTypes
public import SpoorHTTP
import SpoorText

/// Problem details in responses.
extension TestResponse {
    /// The problem details of the response (RFC 9457); nil unless it is `application/problem+json` with an object.
    ///
    /// ```swift
    /// #expect(response.problem?.violations == [.init(.query("limit"), "must be an integer, not \"x\"")])
    /// ```
    ///
    /// Elements of `errors` are ``Problem/violations``, the other additional members, such as `traceId`, are
    /// ``Problem/extensions``. Members of another type than RFC 9457 states are ignored; the status is that of the
    /// response, and the title is nil if it is the reason phrase. The headers are only in the response.
    public var problem: Problem? {
        guard headers.contentType?.essence == MediaType.problemJSON.essence,
            case .object(var members) = try? JSONReader<JSONValue>.read(body, maxDepth: 64)
        else { return nil }
        var problem = Problem(
            status, members["detail"]?.string, type: members["type"]?.string ?? "about:blank",
            instance: members["instance"]?.string)
        if let title = members["title"]?.string, title != problem.titleText {
            problem.title = title
        }
        if let errors = members["errors"]?.array {
            let violations = errors.compactMap(Problem.Violation.init)
            // Another application's list of errors is an extension.
            if violations.count == errors.count {
                problem.violations = violations
                members.removeValue(forKey: "errors")
            }
        }
        for name in ["type", "title", "status", "detail", "instance"] {
            members.removeValue(forKey: name)
        }
        problem.extensions = members
        return problem
    }
}

extension Problem.Violation {
    /// Creates the violation of an element of `errors`; nil for one that has no known place.
    fileprivate init?(_ element: JSONValue) {
        guard let detail = element["detail"]?.string else { return nil }
        if let pointer = element["pointer"]?.string, pointer.hasPrefix("#") {
            self.init(
                .body(pointer: PercentEncoding.decodedText(Array(pointer.utf8.dropFirst()))), detail
            )
            return
        }
        guard let name = element["name"]?.string else { return nil }
        switch element["in"]?.string {
        case "query": self.init(.query(name), detail)
        case "path": self.init(.path(name), detail)
        case "header": self.init(.header(name), detail)
        default: return nil
        }
    }
}
