import HTTPTypes
import Logging
import SpoorHTTP

/// An entry in the log about a fault of the program: an error that became a 500, broke a response off, or was thrown after the
/// response had been sent whole.
///
/// What came from outside, such as a client that left, is no fault of the program; nor is an error that says its own
/// response, unless that is a 500.
struct FailureReport {
    private let message: Logger.Message
    private let metadata: Logger.Metadata

    /// Makes an entry; nil if the error is not to be reported.
    init?(_ error: any Error, of exchange: Exchange, brokeOff: Bool) {
        let response = exchange.response
        let end = exchange.conclusion(thrown: error)
        switch error {
        case is UnknownParameterError:
            message = "a handler or middleware has asked for an unknown parameter"
        case _ where end.outcome == .clientDisconnected: return nil
        case _ where brokeOff && response.isHeadSent && !Self.isFromOutside(error, end):
            message =
                response.isComplete
                ? "an error was thrown after the response was complete"
                : "an error broke the response off"
        case _ where !brokeOff && response.status == .internalServerError:
            message = "an error was answered with 500"
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

    /// The name of the error's type with its module, without the addresses that stand for the scope of private and local
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
