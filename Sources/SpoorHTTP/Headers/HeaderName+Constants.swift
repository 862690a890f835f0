import HTTPTypes

/// The predefined names of swift-http-types, so that `[.location: "/"]` can be written in a dictionary literal.
extension HeaderName {
    /// `Accept`.
    public static var accept: HeaderName { HeaderName(.accept) }
    /// `Accept-Encoding`.
    public static var acceptEncoding: HeaderName { HeaderName(.acceptEncoding) }
    /// `Accept-Language`.
    public static var acceptLanguage: HeaderName { HeaderName(.acceptLanguage) }
    /// `Accept-Ranges`.
    public static var acceptRanges: HeaderName { HeaderName(.acceptRanges) }
    /// `Access-Control-Allow-Credentials`.
    public static var accessControlAllowCredentials: HeaderName {
        HeaderName(.accessControlAllowCredentials)
    }
    /// `Access-Control-Allow-Headers`.
    public static var accessControlAllowHeaders: HeaderName {
        HeaderName(.accessControlAllowHeaders)
    }
    /// `Access-Control-Allow-Methods`.
    public static var accessControlAllowMethods: HeaderName {
        HeaderName(.accessControlAllowMethods)
    }
    /// `Access-Control-Allow-Origin`.
    public static var accessControlAllowOrigin: HeaderName { HeaderName(.accessControlAllowOrigin) }
    /// `Access-Control-Expose-Headers`.
    public static var accessControlExposeHeaders: HeaderName {
        HeaderName(.accessControlExposeHeaders)
    }
    /// `Access-Control-Max-Age`.
    public static var accessControlMaxAge: HeaderName { HeaderName(.accessControlMaxAge) }
    /// `Access-Control-Request-Headers`.
    public static var accessControlRequestHeaders: HeaderName {
        HeaderName(.accessControlRequestHeaders)
    }
    /// `Access-Control-Request-Method`.
    public static var accessControlRequestMethod: HeaderName {
        HeaderName(.accessControlRequestMethod)
    }
    /// `Age`.
    public static var age: HeaderName { HeaderName(.age) }
    /// `Allow`.
    public static var allow: HeaderName { HeaderName(.allow) }
    /// `Authentication-Info`.
    public static var authenticationInfo: HeaderName { HeaderName(.authenticationInfo) }
    /// `Authorization`.
    public static var authorization: HeaderName { HeaderName(.authorization) }
    /// `Available-Dictionary`.
    public static var availableDictionary: HeaderName { HeaderName(.availableDictionary) }
    /// `Cache-Control`.
    public static var cacheControl: HeaderName { HeaderName(.cacheControl) }
    /// `Connection`.
    public static var connection: HeaderName { HeaderName(.connection) }
    /// `Content-Disposition`.
    public static var contentDisposition: HeaderName { HeaderName(.contentDisposition) }
    /// `Content-Encoding`.
    public static var contentEncoding: HeaderName { HeaderName(.contentEncoding) }
    /// `Content-Language`.
    public static var contentLanguage: HeaderName { HeaderName(.contentLanguage) }
    /// `Content-Length`.
    public static var contentLength: HeaderName { HeaderName(.contentLength) }
    /// `Content-Location`.
    public static var contentLocation: HeaderName { HeaderName(.contentLocation) }
    /// `Content-Range`.
    public static var contentRange: HeaderName { HeaderName(.contentRange) }
    /// `Content-Security-Policy`.
    public static var contentSecurityPolicy: HeaderName { HeaderName(.contentSecurityPolicy) }
    /// `Content-Security-Policy-Report-Only`.
    public static var contentSecurityPolicyReportOnly: HeaderName {
        HeaderName(.contentSecurityPolicyReportOnly)
    }
    /// `Content-Type`.
    public static var contentType: HeaderName { HeaderName(.contentType) }
    /// `Cookie`.
    public static var cookie: HeaderName { HeaderName(.cookie) }
    /// `Cross-Origin-Resource-Policy`.
    public static var crossOriginResourcePolicy: HeaderName {
        HeaderName(.crossOriginResourcePolicy)
    }
    /// `Date`.
    public static var date: HeaderName { HeaderName(.date) }
    /// `Dictionary-ID`.
    public static var dictionaryID: HeaderName { HeaderName(.dictionaryID) }
    /// `Early-Data`.
    public static var earlyData: HeaderName { HeaderName(.earlyData) }
    /// `ETag`.
    public static var eTag: HeaderName { HeaderName(.eTag) }
    /// `Expect`.
    public static var expect: HeaderName { HeaderName(.expect) }
    /// `Expires`.
    public static var expires: HeaderName { HeaderName(.expires) }
    /// `From`.
    public static var from: HeaderName { HeaderName(.from) }
    /// `Host`, which swift-http-types does not define as a name.
    public static var host: HeaderName { "Host" }
    /// `If-Match`.
    public static var ifMatch: HeaderName { HeaderName(.ifMatch) }
    /// `If-Modified-Since`.
    public static var ifModifiedSince: HeaderName { HeaderName(.ifModifiedSince) }
    /// `If-None-Match`.
    public static var ifNoneMatch: HeaderName { HeaderName(.ifNoneMatch) }
    /// `If-Range`.
    public static var ifRange: HeaderName { HeaderName(.ifRange) }
    /// `If-Unmodified-Since`.
    public static var ifUnmodifiedSince: HeaderName { HeaderName(.ifUnmodifiedSince) }
    /// `Last-Modified`.
    public static var lastModified: HeaderName { HeaderName(.lastModified) }
    /// `Location`.
    public static var location: HeaderName { HeaderName(.location) }
    /// `Max-Forwards`.
    public static var maxForwards: HeaderName { HeaderName(.maxForwards) }
    /// `Origin`.
    public static var origin: HeaderName { HeaderName(.origin) }
    /// `Priority`.
    public static var priority: HeaderName { HeaderName(.priority) }
    /// `Proxy-Authenticate`.
    public static var proxyAuthenticate: HeaderName { HeaderName(.proxyAuthenticate) }
    /// `Proxy-Authentication-Info`.
    public static var proxyAuthenticationInfo: HeaderName { HeaderName(.proxyAuthenticationInfo) }
    /// `Proxy-Authorization`.
    public static var proxyAuthorization: HeaderName { HeaderName(.proxyAuthorization) }
    /// `Proxy-Status`.
    public static var proxyStatus: HeaderName { HeaderName(.proxyStatus) }
    /// `Range`.
    public static var range: HeaderName { HeaderName(.range) }
    /// `Referer`.
    public static var referer: HeaderName { HeaderName(.referer) }
    /// `Retry-After`.
    public static var retryAfter: HeaderName { HeaderName(.retryAfter) }
    /// `Sec-Purpose`.
    public static var secPurpose: HeaderName { HeaderName(.secPurpose) }
    /// `Sec-WebSocket-Accept`.
    public static var secWebSocketAccept: HeaderName { HeaderName(.secWebSocketAccept) }
    /// `Sec-WebSocket-Extensions`.
    public static var secWebSocketExtensions: HeaderName { HeaderName(.secWebSocketExtensions) }
    /// `Sec-WebSocket-Key`.
    public static var secWebSocketKey: HeaderName { HeaderName(.secWebSocketKey) }
    /// `Sec-WebSocket-Protocol`.
    public static var secWebSocketProtocol: HeaderName { HeaderName(.secWebSocketProtocol) }
    /// `Sec-WebSocket-Version`.
    public static var secWebSocketVersion: HeaderName { HeaderName(.secWebSocketVersion) }
    /// `Server`.
    public static var server: HeaderName { HeaderName(.server) }
    /// `Set-Cookie`.
    public static var setCookie: HeaderName { HeaderName(.setCookie) }
    /// `Strict-Transport-Security`.
    public static var strictTransportSecurity: HeaderName { HeaderName(.strictTransportSecurity) }
    /// `TE`.
    public static var te: HeaderName { HeaderName(.te) }
    /// `Traceparent`.
    public static var traceparent: HeaderName { HeaderName(.traceparent) }
    /// `Tracestate`.
    public static var tracestate: HeaderName { HeaderName(.tracestate) }
    /// `Trailer`.
    public static var trailer: HeaderName { HeaderName(.trailer) }
    /// `Transfer-Encoding`.
    public static var transferEncoding: HeaderName { HeaderName(.transferEncoding) }
    /// `Upgrade`.
    public static var upgrade: HeaderName { HeaderName(.upgrade) }
    /// `Use-As-Dictionary`.
    public static var useAsDictionary: HeaderName { HeaderName(.useAsDictionary) }
    /// `User-Agent`.
    public static var userAgent: HeaderName { HeaderName(.userAgent) }
    /// `Vary`.
    public static var vary: HeaderName { HeaderName(.vary) }
    /// `Via`.
    public static var via: HeaderName { HeaderName(.via) }
    /// `WWW-Authenticate`.
    public static var wwwAuthenticate: HeaderName { HeaderName(.wwwAuthenticate) }
    /// `X-Content-Type-Options`.
    public static var xContentTypeOptions: HeaderName { HeaderName(.xContentTypeOptions) }
}
