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
}
