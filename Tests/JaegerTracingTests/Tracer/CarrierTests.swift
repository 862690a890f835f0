import JaegerTracing
import MetricsTestKit
import TestSupport
import Testing
import Tracing

@Suite struct CarrierTests {
    private static let golden: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3,
        0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x6b, 0, 0, 0, 1, 0x76,
    ]
    private static let context = SpanContext(
        traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), parentID: SpanID(4),
        flags: .sampled, baggage: ["k": "v"], isRemote: true)

    // MARK: Bytes

    @Test func `the binary form is that of Jaeger's clients`() {
        #expect(Self.context.binary == Self.golden)
        #expect(SpanContext(binary: Self.golden.span) == Self.context)
        #expect(SpanContext(binary: (Self.golden + [9, 9]).span) == Self.context)
    }

    @Test func `every shorter binary form is malformed, and counted`() throws {
        let metrics = TestMetrics()
        let tracer = JaegerTracer.stub(metricsFactory: metrics)
        for count in Self.golden.indices {
            #expect(tracer.extract(fromBinary: Self.golden.span.extracting(0..<count)) == nil)
        }
        let errors = try metrics.expectCounter("jaeger_tracer_span_context_decoding_errors")
        #expect(errors.values.reduce(0, +) == Int64(Self.golden.count))
    }

    @Test func `wrong counts and lengths are malformed`() {
        for place in [33, 37, 42] {
            var bytes = Self.golden
            for offset in 0..<4 { bytes[place + offset] = 0xff }
            #expect(SpanContext(binary: bytes.span) == nil)
        }
    }

    @Test func `zero ids are a context without a trace, a single zero id is malformed`() {
        var bytes = SpanContext(baggage: ["k": "v"]).binary
        #expect(SpanContext(binary: bytes.span)?.isValid == false)
        #expect(SpanContext(binary: bytes.span)?.baggage == ["k": "v"])
        bytes[15] = 1
        #expect(SpanContext(binary: bytes.span) == nil)
        let tracer = JaegerTracer.stub()
        #expect(tracer.extract(fromBinary: SpanContext(baggage: [:]).binary.span) == nil)
    }

    @Test func `baggage in binary form is limited`() {
        var context = Self.context
        for number in 0..<10 { context.baggage["k\(number)"] = "v" }
        let read = SpanContext(
            binary: context.binary.span, baggageLimits: BaggageLimits(maxItemCount: 4))
        #expect(read?.baggage.count == 4)
    }

    @Test func `any bytes are either parsed or rejected`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            var bytes = Self.golden
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            guard let read = SpanContext(binary: bytes.span) else { continue }
            #expect(SpanContext(binary: read.binary.span)?.traceID == read.traceID)
        }
    }

    // MARK: Text maps

    @Test func `a text map contains values unencoded`() {
        let tracer = JaegerTracer.stub(propagation: Propagation(formats: [.jaeger]))
        var context = Self.context
        context.baggage = ["k": "a b%20/é"]
        var map = ["Uber-Trace-Id": "stale", "mine": "kept"]
        tracer.inject(context, intoTextMap: &map)
        #expect(map["uberctx-k"] == "a b%20/é")
        #expect(
            map["uber-trace-id"]
                == "00000000000000010000000000000002:0000000000000003:0000000000000004:1")
        #expect(map["mine"] == "kept")
        #expect(map["Uber-Trace-Id"] == nil)
        #expect(tracer.extract(fromTextMap: map) == context)
    }

    @Test func `a text map is read in every format, with case-insensitive names`() {
        let tracer = JaegerTracer.stub()
        let context = tracer.extract(fromTextMap: [
            "TraceParent": "00-12345678901234567890123456789012-1234567890123456-01",
            "Jaeger-Baggage": "a=1%20, b=2", "Baggage": "c=%20", "UberCtx-D": "+%",
        ])
        #expect(context?.isSampled == true)
        #expect(context?.baggage == ["a": "1%20", "b": "2", "d": "+%", "c": " "])
        #expect(tracer.extract(fromTextMap: ["jaeger-debug-id": "a%20b"])?.debugID == "a%20b")
        #expect(tracer.extract(fromTextMap: ["x": "y"]) == nil)
    }

    // MARK: Extractors and injectors

    @Test func `an extractor finds the headers of every format by name`() {
        let tracer = JaegerTracer.stub(
            propagation: Propagation(formats: [.jaeger, .traceContext, .baggage, .b3]))
        func extract(_ carrier: [String: String]) -> SpanContext? {
            var context = ServiceContext.topLevel
            tracer.extract(carrier, into: &context, using: DictionaryCarrier())
            return context.spanContext
        }
        let parent = "00-12345678901234567890123456789012-1234567890123456-01"
        #expect(extract(["traceparent": parent, "tracestate": "a=1"])?.traceState?["a"] == "1")
        #expect(extract(["b3": "0"])?.isSamplingDeferred == false)
        #expect(extract(["x-b3-sampled": "1"])?.isSampled == true)
        #expect(extract(["uber-trace-id": "1:2:0:1"])?.spanID == SpanID(2))
        #expect(extract(["baggage": "a=1"])?.baggage == ["a": "1"])
        #expect(extract(["jaeger-debug-id": "bug"])?.debugID == "bug")
        #expect(extract(["uberctx-a": "unseen"]) == nil)
    }

    @Test func `an injector sets the headers of every format`() {
        let tracer = JaegerTracer.stub()
        var context = ServiceContext.topLevel
        context.spanContext = Self.context
        var carrier: [String: String] = [:]
        tracer.inject(context, into: &carrier, using: DictionaryCarrier())
        #expect(Set(carrier.keys) == ["uber-trace-id", "traceparent", "baggage", "uberctx-k"])
    }

    @Test func `conflicts are counted`() throws {
        let metrics = TestMetrics()
        let tracer = JaegerTracer.stub(metricsFactory: metrics)
        let parent = "00-12345678901234567890123456789012-1234567890123456-01"
        let fields: HeaderList = ["uber-trace-id": "1:2:0:1", "traceparent": parent]
        #expect(tracer.extract(from: fields)?.spanID == SpanID(2))
        #expect(
            try metrics.expectCounter("jaeger_tracer_span_context_conflicts").values == [1])
    }
}
