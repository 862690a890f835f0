public import JaegerTracing

/// What the conventions list of HTTP, and what follows from them.
extension SemanticConventions {
    /// The methods that OpenTelemetry's conventions list; any other is `_OTHER`, for peers can make up as many as they like.
    public static let knownMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
    ]

    /// The keys of queries whose values sign the request, as OpenTelemetry's conventions list them.
    public static let secretQueryKeys: Set<String> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId",
        "Signature", "sig", "X-Goog-Signature",
    ]

    /// Whether tags of OpenTracing are written.
    var areOpenTracing: Bool { self != .stable }
    /// Whether attributes of OpenTelemetry are written.
    var areStable: Bool { self != .openTracing }
}
