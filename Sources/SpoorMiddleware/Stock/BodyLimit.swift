import HTTPTypes
public import SpoorHTTP

/// Sets how many bytes the body of a request may have, in place of the server's bound: lower for all, or higher for the
/// few routes that take more.
///
/// A body that is announced to be longer is refused with 413 before a byte of it is asked for; one whose length is not
/// announced, when it has got too long. Of several the innermost counts.
public struct BodyLimit: Middleware {
    private let maxBytes: Int
    private let needsLength: Bool

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - maxBytes: The most bytes of content, without framing.
    ///   - needsLength: Whether a body without `Content-Length` is refused with 411 (RFC 9110 §15.5.12).
    public init(maxBytes: Int, needsLength: Bool = false) {
        self.maxBytes = max(0, maxBytes)
        self.needsLength = needsLength
    }

    /// Sets the bound, or refuses, and runs the rest of the chain.
    ///
    /// - Throws: ``HTTPError`` with 411, or what the chain throws.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        if needsLength, exchange.body.length == .unknown { throw HTTPError(.lengthRequired) }
        exchange.body.maxBytes = maxBytes
        try await next(exchange)
    }
}
