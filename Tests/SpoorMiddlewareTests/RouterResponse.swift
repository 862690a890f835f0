import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing

/// The response of a router to a request, without a connection.
struct RouterResponse {
    let status: Int
    let text: String
    let route: String?
    let headers: Headers

    var location: String? { headers[.location] }
    var allow: String? { headers[.allow] }

    init(
        of routes: Router, _ method: HTTPRequest.Method, _ target: String,
        host: String? = "localhost", headers: Headers = Headers(),
        requestBody: [[UInt8]] = [], middleware: [any Middleware] = []
    ) async throws {
        let transport = RecordingTransport(requestBody: requestBody)
        var all = headers
        if let host { try all.append(#require(HTTPField.Name("Host")), host) }
        let request = Request.stub(
            method, target, headers: all, bodyLength: requestBody.isEmpty ? .none : .unknown)
        let exchange = Exchange.stub(request, over: transport)
        try await MiddlewareChain(middleware, handler: routes).run(exchange)
        #expect(transport.isFinished)
        #expect(transport.headCount == 1)
        status = exchange.response.status.code
        text = transport.text
        route = exchange.route
        self.headers = exchange.response.headers
    }

    /// Creates the response to a `GET` request.
    init(
        of routes: Router, _ target: String, host: String? = "localhost",
        middleware: [any Middleware] = []
    ) async throws {
        try await self.init(of: routes, .get, target, host: host, middleware: middleware)
    }
}

/// A middleware that appends its name to the header `Trail` of the response.
struct NamedMiddleware: Middleware {
    let name: String

    init(_ name: String) { self.name = name }

    func intercept(_ exchange: Exchange, next: Next) async throws {
        if let trail = HTTPField.Name("Trail") {
            let before = exchange.response.headers[trail].map { "\($0) " } ?? ""
            exchange.response.headers[trail] = before + name
        }
        try await next(exchange)
    }
}

extension RouterResponse {
    /// The names of the ``NamedMiddleware`` middlewares that the request passed through, in order.
    var trail: String { HTTPField.Name("Trail").flatMap { headers[$0] } ?? "" }
}
