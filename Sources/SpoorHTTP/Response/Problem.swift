public import HTTPTypes
public import SpoorText

/// Problem details for an HTTP response (RFC 9457): thrown from a handler or a middleware.
///
/// ```swift
/// throw Problem(.conflict, "the order is already shipped", type: "https://shop.example/problems/shipped")
/// ```
///
/// The server sends it in the form that the request's `Accept` prefers: `application/problem+json`, HTML or plain
/// text; see ``ProblemFormat``. The `status` member is always that of the response.
public struct Problem: ProblemError, Equatable {
    /// A reason why a request is invalid: one invalid value of a body, a query, a path or a header.
    public struct Violation: Hashable, Sendable {
        /// Where the invalid value is.
        public enum Location: Hashable, Sendable {
            /// In the body, at a JSON pointer (RFC 6901) such as `/items/0/quantity`; the empty pointer is the whole
            /// body.
            case body(pointer: String)
            /// In the query, in the item of this name.
            case query(String)
            /// In the path, in the parameter of this name.
            case path(String)
            /// In the header of this name.
            case header(String)
        }

        /// Where the invalid value is.
        public var location: Location
        /// What is wrong with the value and what is expected, for the author of the client.
        public var detail: String

        /// Creates a violation.
        public init(_ location: Location, _ detail: String) {
            self.location = location
            self.detail = detail
        }
    }

    /// The status of the response.
    public var status: HTTPResponse.Status
    /// A URI that identifies the kind of problem; `about:blank` if the status is enough (RFC 9457 §4.2.1).
    public var type: String
    /// A summary of the kind of problem, the same for each occurrence; nil for the reason phrase of the status.
    public var title: String?
    /// An explanation of this occurrence, which the client may read; nil for none.
    public var detail: String?
    /// A URI that identifies this occurrence; nil for none.
    public var instance: String?
    /// The invalid values of the request: the member `errors`, omitted if empty.
    public var violations: [Violation]
    /// Additional members (RFC 9457 §3.2); those with the name of a defined member are not sent.
    public var extensions: [String: JSONValue]
    /// Headers of the response, such as `Retry-After`.
    public var headers: Headers

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - status: The status of the response.
    ///   - detail: An explanation of this occurrence, which the client may read.
    ///   - type: A URI that identifies the kind of problem.
    ///   - title: A summary of the kind of problem; nil for the reason phrase of the status.
    ///   - instance: A URI that identifies this occurrence.
    ///   - violations: The invalid values of the request.
    ///   - extensions: Additional members.
    ///   - headers: Headers of the response.
    public init(
        _ status: HTTPResponse.Status, _ detail: String? = nil, type: String = "about:blank",
        title: String? = nil, instance: String? = nil, violations: [Violation] = [],
        extensions: [String: JSONValue] = [:], headers: Headers = Headers()
    ) {
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.instance = instance
        self.violations = violations
        self.extensions = extensions
        self.headers = headers
    }

    /// The problem itself.
    public var problem: Problem { self }

    /// Returns the response in the form that the request prefers, with `Vary: Accept`.
    package func response(to request: Request, traceID: String?) -> Response {
        var response = ProblemFormat.preferred(by: request.headers[.accept])
            .response(for: self, traceID: traceID)
        response.headers.append(.vary, "Accept")
        return response
    }
}

extension Problem: CustomStringConvertible {
    /// The status, the detail, and the violations.
    public var description: String {
        var text = status.text
        if let detail { text += ": " + detail }
        for violation in violations { text += "; \(violation)" }
        return text
    }
}

extension Problem.Violation: CustomStringConvertible {
    /// The location and the detail.
    public var description: String { "\(location): \(detail)" }
}

extension Problem.Violation.Location: CustomStringConvertible {
    /// The location as text, such as `query parameter limit`.
    public var description: String {
        switch self {
        case .body(let pointer): pointer.isEmpty ? "body" : "body \(pointer)"
        case .query(let name): "query parameter \(name)"
        case .path(let name): "path parameter \(name)"
        case .header(let name): "header \(name)"
        }
    }
}

/// An error that is sent as problem details (RFC 9457), in the form that the client prefers.
///
/// An application's own errors conform to it: the properties of the problem may be read by the client, nothing else
/// of the error is sent. A ``ResponseError`` that is not a problem error is sent as the response that it describes.
public protocol ProblemError: ResponseError {
    /// The problem that is sent.
    var problem: Problem { get }
}

extension ProblemError {
    /// Returns the problem as `application/problem+json`.
    public func response() -> Response { ProblemFormat.json.response(for: problem, traceID: nil) }
}

/// Collects the invalid values of a request, so that one response reports all of them.
///
/// ```swift
/// var check = Validation()
/// check.require(draft.quantity > 0, .body(pointer: "/quantity"), "must be at least 1")
/// check.require(draft.sku.count == 8, .body(pointer: "/sku"), "must have 8 characters")
/// try check.throwIfInvalid()
/// ```
public struct Validation: Sendable {
    /// The violations so far.
    public private(set) var violations: [Problem.Violation] = []

    /// Creates a validation without violations.
    public init() {}

    /// Records a violation unless a condition holds.
    public mutating func require(
        _ condition: Bool, _ location: Problem.Violation.Location,
        _ detail: @autoclosure () -> String
    ) {
        if !condition { violations.append(Problem.Violation(location, detail())) }
    }

    /// Evaluates an expression, and records the violations of the problem that it throws; returns nil then.
    ///
    /// - Throws: Any error that is not a ``Problem`` with violations.
    public mutating func collect<Value>(_ value: () throws -> Value) throws -> Value? {
        do {
            return try value()
        } catch let problem as Problem where !problem.violations.isEmpty {
            violations += problem.violations
            return nil
        }
    }

    /// Throws a ``Problem`` with all violations, if there are any.
    ///
    /// - Parameter status: The status of the problem; 422 (RFC 9110 §15.5.21) unless given.
    public func throwIfInvalid(_ status: HTTPResponse.Status = .unprocessableContent) throws {
        guard !violations.isEmpty else { return }
        throw Problem(status, "the request has invalid values", violations: violations)
    }
}
