/// Where a stock middleware belongs in a chain; a smaller value is further outside.
///
/// `Documentation/Middleware.md` has the order and its reasons.
package enum StockPosition: Int, Comparable, Sendable {
    case tracing, recording, errors, timeout

    package static func < (one: StockPosition, other: StockPosition) -> Bool {
        one.rawValue < other.rawValue
    }

    /// What goes wrong if a middleware at this position is listed after one that belongs inside of it.
    var consequence: String {
        switch self {
        case .tracing:
            "log lines and spans of the outer one have no trace id, and its time is missing in the trace"
        case .recording, .errors:
            "the timeout cancels the inner one too, so it does not see the 503"
        case .timeout: ""
        }
    }
}

/// A middleware whose position in a chain is known, so that a wrong order can be logged at start.
package protocol StockMiddleware: Middleware {
    /// Where the middleware belongs.
    static var position: StockPosition { get }
}

/// Two middlewares of a chain in the wrong order.
package struct MiddlewareOrderMistake: Hashable, Sendable, CustomStringConvertible {
    package let outer: String
    package let inner: String
    let consequence: String

    package var description: String {
        "\(outer) is outside of \(inner): \(consequence); list \(inner) first"
    }
}

extension MiddlewareChain {
    /// The pairs of stock middlewares that are in the wrong order, each inner one once.
    ///
    /// The order of `AccessLog`, `RequestMetrics` and `ErrorMiddleware` among each other does not matter.
    package var orderMistakes: [MiddlewareOrderMistake] {
        let stock = middlewares.compactMap { $0 as? any StockMiddleware }
        return stock.indices.compactMap { index in
            let inner = type(of: stock[index])
            let outer = stock[..<index].lazy.map { type(of: $0) }.first { outer in
                inner.position < outer.position
                    && (inner.position == .tracing || outer.position == .timeout)
            }
            return outer.map {
                MiddlewareOrderMistake(
                    outer: "\($0)", inner: "\(inner)", consequence: inner.position.consequence)
            }
        }
    }
}
