/// The service that made a span (`Process` of jaeger.thrift); one per tracer, shared by its spans.
///
/// A class, so that a reporter groups spans by identity and a span carries one pointer.
public final class TracedProcess: Sendable {
    /// The name under which the service's traces are found.
    public let serviceName: String
    /// Facts about the process: `hostname`, `ip`, `jaeger.version`, the user's own.
    public let tags: [SpanTag]

    /// Makes a process description.
    public init(serviceName: String, tags: [SpanTag] = []) {
        self.serviceName = serviceName
        self.tags = tags
    }
}
