import HTTPTypes
public import SpoorHTTP
public import SpoorNetworking

/// What a server answers when a handler lets a refusal of a blocking pool pass.
extension BlockingPool.Refusal: ResponseError {
    /// A 503 with `Retry-After`: there is no room for the work now, and likely will be soon (RFC 9110 §15.6.4).
    public func response() -> Response {
        HTTPError(.serviceUnavailable, fields: [.retryAfter: "1"]).response()
    }
}
