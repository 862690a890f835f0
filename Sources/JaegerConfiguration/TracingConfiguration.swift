public import JaegerReporter
public import JaegerTracing

/// The tracing configuration of a service: read from the environment, and changed in code.
///
/// ```swift
/// var configuration = try TracingConfiguration.current()  // JAEGER_… and OTEL_…
/// configuration.sampling = .probabilistic(rate: 0.1)      // code wins over the environment
/// let tracing = try TracingService(configuration)
/// ```
///
/// If variables of both families are set, `JAEGER_` takes precedence over `OTEL_`. An invalid variable is an error that
/// names it, because ignoring it would be noticed too late. All variables are listed in
/// `Documentation/Configuration.md`.
public struct TracingConfiguration: Sendable {
    /// Whether tracing is disabled: nothing is sampled or reported, but contexts are propagated.
    public var isDisabled = false
    /// The service name under which traces are found.
    public var serviceName: String?
    /// The tags of the process.
    public var processTags: [SpanTag] = []
    /// The width of new trace ids.
    public var traceIDWidth = TraceIDWidth.bits128
    /// The propagation of contexts.
    public var propagation = Propagation()
    /// The sampling of new traces.
    public var sampling = Sampling.constant(true)
    /// The throttler of debug ids and `sampling.priority`; nil for no limit.
    public var debugThrottler: (any DebugThrottler)?
    /// Whether server and consumer spans are sampled by their later name, such as that of their route; if nil, only
    /// with a remote sampler, which may use names.
    ///
    /// Until the name is set, the trace is recorded, which costs as much as if it were sampled: see `DeferredSampler`.
    public var defersSampling: Bool?
    /// Whether a server span takes the id of the client's span, as in Zipkin.
    public var usesZipkinSharedSpans = false
    /// The observer of the start and the end of each span.
    public var observer: (any SpanObserver)?
    /// The flight recorder, which reports failed and slow traces that were not sampled; nil for none.
    public var flightRecorder: FlightRecorder?
    /// The limits of a span.
    public var spanLimits = SpanLimits()
    /// The collector to which spans are exported; nil for none.
    public var collector: CollectorEndpoint? = .jaeger()
    /// Additional reporters, unless tracing is disabled; they are shut down with the service.
    public var additionalReporters: [any SpanReporter] = []
    /// The limits of the reporter.
    public var reporterLimits = ReporterLimits()
    /// Whether a line is logged for each span.
    public var logsSpans = false
    /// The names of the HTTP tags that the tracing middlewares record by default.
    public var conventions = SemanticConventions.openTracing

    /// Creates the default configuration, without reading the environment.
    public init() {}

    /// Creates a configuration from variables in a dictionary.
    ///
    /// If tracing is disabled, only the service name, the tags and the propagation formats are read.
    ///
    /// - Throws: ``ConfigurationError`` for the first invalid variable.
    public init(environment: [String: String]) throws(ConfigurationError) {
        try self.init(EnvironmentReader { environment[$0] })
    }

    /// Returns a configuration from the current variables of this process.
    ///
    /// - Throws: ``ConfigurationError`` for the first invalid variable.
    public static func current() throws(ConfigurationError) -> TracingConfiguration {
        try TracingConfiguration(EnvironmentReader { ProcessEnvironment.value(of: $0) })
    }

    private init(_ reader: EnvironmentReader) throws(ConfigurationError) {
        serviceName = try reader.serviceName()
        processTags = try reader.processTags()
        if let formats = try reader.propagationFormats() {
            propagation = Propagation(formats: formats)
        }
        conventions = SemanticConventions(stabilityOptIn: reader.text(.otelSemconvStabilityOptIn))
        if try reader.flag(.jaegerDisabled, .jaegerDisable, .otelSDKDisabled) == true {
            isDisabled = true
            return
        }
        if try reader.flag(.jaegerTraceID128Bit) == false { traceIDWidth = .bits64 }
        sampling = try reader.sampling()
        spanLimits = try reader.spanLimits()
        let export = try reader.export()
        collector = export.collector
        logsSpans = export.logsSpans
        reporterLimits = try reader.reporterLimits()
    }
}
