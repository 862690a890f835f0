import JaegerTracing
import CoreMetrics
import Testing

@Suite(
    .enabled(if: ForeignClient.isExpected, ForeignClient.absence), .timeLimit(.minutes(10)))
struct PropagationInteropTests {
    private struct Job: Encodable {
        var client: String
        var is128Bit = true
        var isSampled = true
        var fields: [String: String] = [:]
        var baggage: [String: String] = [:]
    }

    private struct Outcome: Decodable {
        let fields: [String: String]
        let traceID: String
        let spanID: String
        let parentID: String
        let flags: UInt8
        let baggage: [String: String]
        let debugTag: String?
    }

    private let reporter = InMemoryReporter()

    private func tracer(_ width: TraceIDWidth = .bits128, isSampled: Bool = true) -> JaegerTracer {
        var configuration = JaegerTracerConfiguration()
        configuration.traceIDWidth = width
        configuration.metricsFactory = NOOPMetricsHandler.instance
        return JaegerTracer(
            serviceName: "ours", reporter: reporter, sampler: ConstSampler(isSampled),
            configuration: configuration)
    }

    /// Values that encoders treat differently.
    private static let baggage = [
        "plain": "x", "blank": "a b", "plus": "a+b", "slash": "a/b", "percent": "100%",
        "accent": "é€😀", "equals": "a=b,c", "empty": "",
    ]

    // MARK: Other clients inject

    @Test(arguments: ForeignClient.all, [true, false])
    func `headers of other clients are extracted`(client: ForeignClient, is128Bit: Bool) throws {
        let job = Job(client: client.name, is128Bit: is128Bit, baggage: Self.baggage)
        let theirs: Outcome = try ForeignClient.run("inject", job)
        let context = try #require(tracer().extract(from: HeaderList(theirs.fields)))
        #expect(context.traceID == TraceID(theirs.traceID))
        #expect((context.traceID.high != 0) == is128Bit)
        #expect(context.spanID == SpanID(theirs.spanID))
        #expect(context.parentID == SpanID(theirs.parentID))
        #expect(context.flags == .sampled)
        #expect(context.isRemote)
        #expect(context.baggage.count == Self.baggage.count)
        for (key, value) in Self.baggage { #expect(context.baggage[key] == value) }
    }

    @Test(arguments: ForeignClient.all)
    func `a negative sampling decision of another client is kept`(client: ForeignClient) throws {
        let theirs: Outcome = try ForeignClient.run(
            "inject", Job(client: client.name, isSampled: false))
        let context = try #require(tracer().extract(from: HeaderList(theirs.fields)))
        #expect(context.flags == [])
        #expect(!tracer().startSpan("op", childOf: context).isRecording)
    }

    @Test(arguments: ForeignClient.all)
    func `a debug trace of the other client is a debug trace in the tracer`(client: ForeignClient)
        throws
    {
        let job = Job(client: client.name, fields: ["jaeger-debug-id": "my bug"])
        let theirs: Outcome = try ForeignClient.run("inject", job)
        let context = try #require(tracer().extract(from: HeaderList(theirs.fields)))
        #expect(context.flags == [.sampled, .debug])
        #expect(context.traceID == TraceID(theirs.traceID))
    }

    // MARK: Other clients extract

    @Test(arguments: ForeignClient.all, [TraceIDWidth.bits128, .bits64])
    func `other clients extract the injected headers`(client: ForeignClient, width: TraceIDWidth)
        throws
    {
        let root = tracer(width).startSpan("root", childOf: nil)
        let span = tracer(width).startSpan("op", childOf: root.spanContext)
        for (key, value) in Self.baggage { span.setBaggageItem(key.uppercased(), value) }
        var sent = HeaderList()
        tracer().inject(span.spanContext, into: &sent)
        let theirs: Outcome = try ForeignClient.run(
            "extract", Job(client: client.name, fields: sent.fields))
        #expect(TraceID(theirs.traceID) == span.traceID)
        #expect(SpanID(theirs.parentID) == span.spanID)
        #expect(theirs.flags == 1)
        #expect(theirs.baggage == Self.baggage)
        #expect(theirs.debugTag == nil)
    }

    @Test(arguments: ForeignClient.all)
    func `other clients keep a negative sampling decision`(client: ForeignClient) throws {
        let span = tracer(isSampled: false).startSpan("op", childOf: nil)
        var sent = HeaderList()
        tracer().inject(span.spanContext, into: &sent)
        let theirs: Outcome = try ForeignClient.run(
            "extract", Job(client: client.name, fields: sent.fields))
        #expect(TraceID(theirs.traceID) == span.traceID)
        #expect(theirs.flags == 0)
    }

    @Test(arguments: ForeignClient.all)
    func `a debug trace of the tracer is a debug trace in the other client`(client: ForeignClient)
        throws
    {
        let span = tracer().startSpan("op", childOf: SpanContext(baggage: [:], debugID: "my bug"))
        var sent = HeaderList()
        tracer().inject(span.spanContext, into: &sent)
        let theirs: Outcome = try ForeignClient.run(
            "extract", Job(client: client.name, fields: sent.fields))
        #expect(theirs.flags == 3)
        #expect(TraceID(theirs.traceID) == span.traceID)
    }

    @Test(arguments: ForeignClient.all)
    func `a propagated debug id starts a debug trace in the other client`(client: ForeignClient)
        throws
    {
        var sent = HeaderList()
        tracer().inject(SpanContext(baggage: [:], debugID: "my bug/é"), into: &sent)
        let theirs: Outcome = try ForeignClient.run(
            "extract", Job(client: client.name, fields: sent.fields))
        #expect(theirs.debugTag == "my bug/é")
        #expect(theirs.flags == 3)
    }
}

/// The headers of a message; clients write each name once.
private struct HeaderList: HeaderCarrier, HeaderWriter {
    var fields: [String: String] = [:]

    init(_ fields: [String: String] = [:]) { self.fields = fields }

    func forEachHeader(
        _ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void
    ) {
        for (name, value) in fields { body(name.utf8.span, value.utf8.span) }
    }

    mutating func setHeader(_ name: String, to value: String) { fields[name] = value }
}
