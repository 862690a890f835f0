public import Spoor

/// Replaces the prefix of a path, so that a service also serves its old paths.
///
/// Middlewares outside of it, such as an access log, still see the original path.
public struct PathRewriter: SyncMiddleware {
    private let old: String
    private let new: String

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - old: A path, such as `/v1`; it matches itself and all paths below it.
    ///   - new: The new prefix, such as `/v2`; `/` only removes the old one.
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
