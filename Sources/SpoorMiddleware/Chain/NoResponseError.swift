/// A handler or a middleware has returned without a response; a mistake in the program, answered with 500.
///
/// Setting the status is a response (with an empty body); setting fields alone is none.
public struct NoResponseError: Error, Sendable, CustomStringConvertible {
    /// What has returned without a response.
    public enum Source: Hashable, Sendable {
        /// A middleware, by the name of its type.
        case middleware(type: String)
        /// A handler, by the name of its type, with the route that leads to it, if one does: its method, its template, and
        /// the place in the source where it was added.
        case handler(type: String, route: String?)
    }

    /// What has returned without a response.
    public let source: Source
    /// The error that a middleware has caught, if that is why there is no response.
    public let caught: (any Error)?

    init(source: Source, caught: (any Error)? = nil) {
        self.source = source
        self.caught = caught
    }

    /// What has returned without a response, and what to do.
    public var description: String {
        switch source {
        case .middleware(let type):
            caught.map { "the middleware \(type) has caught an error and sent no response: \($0)" }
                ?? "the middleware \(type) has neither called next nor sent a response"
        case .handler(let type, let route):
            "the handler \(type)\(route.map { " of the route \($0)" } ?? "") has returned without a response; "
                + "write to exchange.response, or set exchange.response.status for a response without a body"
        }
    }
}
