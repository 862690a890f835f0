public import Spoor

/// Replaces the prefix of a path, so that a service that moved serves its old addresses as well.
///
/// Middlewares outside of it, such as an access log, still see the original path.
public struct PathRewriter: SyncMiddleware {
    private let old: String
    private let new: String

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - old: A path, such as `/v1`; it matches itself and all paths below it.
    ///   - new: What replaces it, such as `/v2`; `/` for nothing.
    public init(_ old: String, to new: String) {
        self.old = old
        self.new = new == "/" ? "" : new
    }

    /// None.
    public var observedSteps: ExchangeSteps { [] }

    /// Replaces the prefix, if the path has it.
    ///
    /// - Throws: `RequestReplacementError`.
    public func requestReceived(_ exchange: Exchange) throws -> Response? {
        let path = exchange.request.path
        guard path.hasPrefix(old) else { return nil }
        let rest = path.dropFirst(old.count)
        guard rest.isEmpty || rest.hasPrefix("/") else { return nil }
        var request = exchange.request
        request.path = new + rest
        try exchange.replaceRequest(with: request)
        return nil
    }
}
