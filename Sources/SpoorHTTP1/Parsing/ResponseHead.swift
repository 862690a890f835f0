package import HTTPTypes
package import SpoorHTTP

/// The head of a response: status and headers (RFC 9112 §4); the reason phrase is ignored.
package struct ResponseHead: Sendable {
    /// The status.
    package internal(set) var status = HTTPResponse.Status.ok
    /// The protocol version of the server.
    package internal(set) var version = Request.Version.http11
    /// The headers; their bytes include the status line.
    package internal(set) var headers = Headers()
    /// The connection options of the response.
    package internal(set) var options = ConnectionOptions()
    /// How the body ends according to the headers; see ``bodyLength(inResponseTo:)``.
    package internal(set) var announced = BodyLength.untilClose

    /// How the body of a response ends (RFC 9112 §6.3).
    package enum BodyLength: Sendable, Hashable {
        /// There is no body.
        case none
        /// After a number of bytes.
        case bytes(Int)
        /// By chunked framing.
        case chunked
        /// With the connection.
        case untilClose
    }

    /// Creates an empty head, for a parser to fill.
    package init() {}

    /// Whether another head follows (RFC 9110 §15.2); 101 is the last one of its connection.
    package var isInterim: Bool { status.code < 200 && status.code != 101 }

    /// The methods of requests that determine whether the response has a body.
    package enum RequestKind: Sendable {
        case head, connect, other

        /// The kind of a method.
        package init(_ method: HTTPRequest.Method) {
            switch method {
            case .head: self = .head
            case .connect: self = .connect
            default: self = .other
            }
        }
    }

    /// Returns how the body ends, depending on the method of the request (RFC 9112 §6.3).
    package func bodyLength(inResponseTo kind: RequestKind) -> BodyLength {
        let code = status.code
        if kind == .head || code < 200 || code == 204 || code == 304 { return .none }
        if kind == .connect, (200..<300).contains(code) { return .none }
        return announced
    }
}

extension ResponseHead: CustomStringConvertible {
    /// The status code, and the version if it is not 1.1.
    package var description: String {
        version == .http11 ? "\(status.code)" : "\(status.code) HTTP/1.0"
    }
}
