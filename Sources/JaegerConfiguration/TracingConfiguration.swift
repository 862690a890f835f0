public import JaegerReporter
public import JaegerTracing

/// How a service is traced: out of the environment, then as its code sees fit.
///
/// ```swift
/// var configuration = try TracingConfiguration.current()  // JAEGER_… and OTEL_…
/// configuration.sampling = .probabilistic(rate: 0.1)      // code wins over the environment
/// let tracing = try TracingService(configuration)
/// ```
///
/// Of what both families of variables can say, `JAEGER_` wins over `OTEL_`. A variable that cannot be
/// followed is an error that names it: tracing that is silently other than asked for is found too late.
/// All variables are listed in `Documentation/Configuration.md`.
public struct TracingConfiguration: Sendable {
    /// Whether nothing is sampled and nothing reported; contexts still travel.
    public var isDisabled = false
    /// The name under which traces are found.
    public var serviceName: String?
    /// Facts about the process.
    public var processTags: [SpanTag] = []
    /// How wide new trace ids are.
    public var traceIDWidth = TraceIDWidth.bits128
    /// How contexts travel.
    public var propagation = Propagation()
    /// Which new traces are sampled.
    public var sampling = Sampling.constant(true)
    /// How often debug ids and `sampling.priority` may force sampling; as often as they like if nil.
    public var debugThrottler: (any DebugThrottler)?
    /// Whether server and consumer spans are sampled by the name that they get later, such as that of
    /// their route; if nil, a remote sampler does so, which may go by names.
    ///
    /// Until the name is there, the trace is recorded, which costs as much as if it were sampled: see
    /// `DeferredSampler`.
    public var defersSampling: Bool?
    /// Whether a server span takes the id of the client's span, as in Zipkin.
    public var usesZipkinSharedSpans = false
    /// Notified of the start and the end of every span.
    public var observer: (any SpanObserver)?
    /// Whether failed and slow traces are reported though they were not sampled; nil for no.
    public var flightRecorder: FlightRecorder?
    /// How much a span may hold.
    public var spanLimits = SpanLimits()
    /// The collector that gets the spans; nil for none.
    public var collector: CollectorEndpoint? = .jaeger()
    /// What else gets the spans, unless the service is disabled; closed with it.
    public var additionalReporters: [any SpanReporter] = []
    /// How the reporter gathers and sends.
    public var reporterLimits = ReporterLimits()
    /// Whether a line is logged for each span.
    public var logsSpans = false
    /// Under which names the tracing middlewares tell of HTTP, unless they are told otherwise.
    public var conventions = SemanticConventions.openTracing

    /// The defaults, without regard to the environment.
    public init() {}

    /// Reads variables out of a dictionary.
    ///
    /// Of a service that is disabled only the name, the tags and the formats of propagation are read.
    ///
    /// - Throws: ``ConfigurationError`` for the first variable that cannot be followed.
    public init(environment: [String: String]) throws(ConfigurationError) {
        try self.init(EnvironmentReader { environment[$0] })
    }

    /// Reads the variables of this process, as they are now.
    ///
    /// - Throws: ``ConfigurationError`` for the first variable that cannot be followed.
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
