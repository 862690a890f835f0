/// The names of the tags that describe HTTP: those of OpenTracing, those of OpenTelemetry, or both.
///
/// The span's kind, name, logs and captured headers are the same with all of them.
public enum SemanticConventions: String, Hashable, Sendable, CaseIterable {
    /// The tags of the OpenTracing specification: `http.method`, `http.url`, `http.status_code`, `peer.*`, `component`,
    /// `error`.
    case openTracing
    /// The stable HTTP conventions of OpenTelemetry (1.44): `http.request.method`, `url.path`, `server.address`,
    /// `error.type` and so on.
    case stable
    /// All tags of both, for a migration.
    case both

    /// Creates the conventions that OpenTelemetry's variable `OTEL_SEMCONV_STABILITY_OPT_IN` requests.
    ///
    /// The value is a list in which `http` means the stable conventions and `http/dup`, which takes precedence, both.
    /// Nil, and a text with neither, means `openTracing`.
    public init(stabilityOptIn text: String?) {
        let elements = (text ?? "").split(separator: ",").map { element in
            element.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        }
        self =
            elements.contains("http/dup")
            ? .both : elements.contains("http") ? .stable : .openTracing
    }
}
