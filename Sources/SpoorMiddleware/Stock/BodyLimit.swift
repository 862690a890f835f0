import HTTPTypes
public import SpoorHTTP

/// Sets the maximum size of request bodies instead of the server's limit: a lower one for all routes, or a higher one
/// for the few that need it.
///
/// A body whose announced length is above the limit is rejected with 413 before a byte of it is read; one without an
/// announced length, as soon as it exceeds the limit. Of several limits the innermost applies.
public struct BodyLimit: SyncMiddleware {
    private let maxBytes: Int
    private let needsLength: Bool

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - maxBytes: The maximum number of content bytes, without framing.
    ///   - needsLength: Whether a body without `Content-Length` is rejected with 411 (RFC 9110 §15.5.12).
    public init(maxBytes: Int, needsLength: Bool = false) {
        self.maxBytes = max(0, maxBytes)
        self.needsLength = needsLength
    }

    /// None.
    public var observedSteps: ExchangeSteps { [] }

    /// Sets the limit, or rejects the request.
    ///
    /// - Throws: ``HTTPError`` with 411.
    public func requestReceived(_ exchange: Exchange) throws -> Response? {
        if needsLength, exchange.body.length == .unknown { throw HTTPError(.lengthRequired) }
        exchange.body.maxBytes = maxBytes
        return nil
    }
}
