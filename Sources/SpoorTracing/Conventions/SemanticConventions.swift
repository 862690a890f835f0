/// Under which names spans tell of HTTP: those of OpenTracing, those of OpenTelemetry, or both.
///
/// The span's kind, its name, its logs and captured fields are the same under all of them.
public enum SemanticConventions: String, Hashable, Sendable, CaseIterable {
    /// The tags of OpenTracing's standard: `http.method`, `http.url`, `http.status_code`, `peer.*`, `component`, `error`.
    case openTracing
    /// The stable HTTP conventions of OpenTelemetry (1.44): `http.request.method`, `url.path`, `server.address`,
    /// `error.type` and so on.
    case stable
    /// All of these, for the time of a migration.
    case both

    /// The conventions that OpenTelemetry's variable `OTEL_SEMCONV_STABILITY_OPT_IN` asks for by its text.
    ///
    /// It is a list in which `http` stands for the stable ones and `http/dup`, which goes first, for both. Nil, and a text
    /// with neither, is `openTracing`.
    public init(stabilityOptIn text: String?) {
        let elements = (text ?? "").split(separator: ",").map { element in
            element.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        }
        self =
            elements.contains("http/dup")
            ? .both : elements.contains("http") ? .stable : .openTracing
    }

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
