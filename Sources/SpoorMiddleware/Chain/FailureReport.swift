import HTTPTypes
import Logging
import SpoorHTTP

/// A log entry about a fault of the program: an error that became a 500, that aborted a response, or that was thrown
/// after the whole response had been sent.
///
/// Errors with an external cause, such as a client that disconnects, are not logged; nor is an error that defines its
/// own response, unless that is a 500.
struct FailureReport {
    private let message: Logger.Message
    private let metadata: Logger.Metadata

    /// Creates an entry; nil if the error is not to be logged.
    init?(_ error: any Error, of exchange: Exchange, isAborted: Bool) {
        let response = exchange.response
        let end = exchange.conclusion(thrown: error)
        switch error {
        case is UnknownParameterError:
            message = "unknown route parameter requested"
        case _ where end.outcome == .clientDisconnected: return nil
        case _ where isAborted && response.isHeadSent && !Self.isFromOutside(error, end):
            message =
                response.isComplete
                ? "error thrown after complete response"
                : "response aborted by error"
        case _ where !isAborted && response.status == .internalServerError:
            message = "error answered with 500"
        default: return nil
        }
        var metadata: Logger.Metadata = [
            "method": "\(exchange.request.method.rawValue)",
            "path": "\(exchange.request.path)",
            "error": "\(error)",
            "error.type": "\(Self.typeName(of: error))",
        ]
        if let route = exchange.route { metadata["route"] = "\(route)" }
        if response.isHeadSent { metadata["status"] = "\(response.status.code)" }
        self.metadata = metadata
    }

    /// The qualified name of the error's type, without the addresses that stand for the scope of private and local
    /// types: `App.OrderError` for `App.(unknown context at $10d3c).OrderError`.
    static func typeName(of error: any Error) -> String {
        String(reflecting: type(of: error)).split(separator: ".")
            .filter { !$0.hasPrefix("(unknown context at ") }
            .joined(separator: ".")
    }

    func log(to logger: Logger) {
        logger.error(message, metadata: metadata)
    }

    private static func isFromOutside(_ error: any Error, _ end: ExchangeConclusion) -> Bool {
        (error as? any ClassifiedError)?.interruption != nil || end.interruption != nil
            || (error is CancellationError && Task.isCancelled)
    }
}

/// The error of a handler or middleware that returned without a response: a mistake in the program, answered with
/// 500.
///
/// Setting the status counts as a response (with an empty body); setting headers alone does not.
public struct NoResponseError: Error, Sendable, CustomStringConvertible {
    /// The handler or middleware that returned without a response.
    public enum Source: Hashable, Sendable {
        /// A middleware, with the name of its type.
        case middleware(type: String)
        /// A handler, with the name of its type and, if a route leads to it, the route: its method, its template, and
        /// the source location where it was added.
        case handler(type: String, route: String?)
    }

    /// The handler or middleware that returned without a response.
    public let source: Source
    /// The error that the middleware caught, if that is why there is no response.
    public let caught: (any Error)?

    init(source: Source, caught: (any Error)? = nil) {
        self.source = source
        self.caught = caught
    }

    /// The handler or middleware that returned without a response, and what to do.
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
