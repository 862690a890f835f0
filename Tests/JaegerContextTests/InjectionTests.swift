@testable import JaegerContext
import TestSupport
import Testing

@Suite struct InjectionTests {
    @Test(
        arguments: [
            ([.b3], true), ([.traceContext], true), ([.b3Multi, .traceContext], true),
            ([.traceContext, .baggage], false), ([.jaeger, .baggage], true),
        ] as [([PropagationFormat], Bool)])
    func `baggage is sent in separate headers if no format carries it`(
        formats: [PropagationFormat], isInPairs: Bool
    ) {
        let context = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled, baggage: ["k": "v"])
        var fields: HeaderList = [:]
        Propagation(formats: formats).inject(context, into: &fields)
        #expect(fields["uberctx-k"] == (isInPairs ? "v" : nil))
        #expect(Propagation(formats: formats).extract(from: fields).context?.baggage == ["k": "v"])
    }

    @Test(arguments: ["", nil] as [String?])
    func `without a prefix pairs are neither read nor written`(prefix: String?) {
        let propagation = Propagation(baggagePrefix: prefix)
        #expect(propagation.baggagePrefix == nil)
        let fields: HeaderList = [
            ("uber-trace-id", "1:2:0:1"), ("jaeger-baggage", "host=evil"), ("uberctx-a", "b"),
        ]
        let context = propagation.extract(from: fields).context
        #expect(context?.baggage == ["host": "evil"])
        var written: HeaderList = ["host": "good"]
        if let context { propagation.inject(context, into: &written) }
        #expect(written["host"] == "good")
        #expect(written.fields.count == 4)
    }

    @Test func `an empty header name disables the header`() {
        let propagation = Propagation(debugIDHeader: "", baggageHeader: "")
        #expect(propagation.debugIDHeader == nil)
        #expect(propagation.baggageHeader == nil)
    }

    @Test func `headers of another context are removed before injection`() {
        let stale = [
            "Tracestate": "old=1", "uberctx-x": "1", "baggage": "x=1", "jaeger-baggage": "x=1",
            "host": "kept", "x-amzn-trace-id": "kept",
        ]
        let propagation = Propagation(formats: [.jaeger, .traceContext, .baggage])
        let context = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled)
        let names: Set = ["uber-trace-id", "traceparent", "host", "x-amzn-trace-id"]
        var fields = HeaderList(stale.map { ($0.key, $0.value) })
        propagation.inject(context, into: &fields)
        #expect(Set(fields.fields.map(\.name)) == names)
        var map = stale
        propagation.inject(context, intoTextMap: &map)
        #expect(Set(map.keys) == names)
        var custom: HeaderList = ["x-amzn-bag-k": "kept"]
        Propagation(formats: [.custom(SilentFormat())]).inject(context, into: &custom)
        #expect(custom["x-amzn-bag-k"] == "kept")
    }

    @Test(arguments: ["theirs", nil] as [String?])
    func `a debug id that was set by hand is kept, unless the context has one`(theirs: String?) {
        let context = SpanContext(baggage: ["k": "v"], debugID: theirs)
        var fields: HeaderList = ["Jaeger-Debug-ID": "mine"]
        Propagation().inject(context, into: &fields)
        #expect(Propagation().extract(from: fields).context?.debugID == theirs ?? "mine")
        var map = ["Jaeger-Debug-ID": "mine"]
        Propagation().inject(context, intoTextMap: &map)
        #expect(Propagation().extract(fromTextMap: map).context?.debugID == theirs ?? "mine")
        #expect(map.keys.filter { $0.lowercased() == "jaeger-debug-id" }.count == 1)
    }
}

/// A format that reads headers but never writes them.
private struct SilentFormat: ContextFormat {
    var headerNames: [String] { ["x-amzn-bag-*"] }

    func extract(from headers: [ReceivedHeader]) -> ExtractionResult { .absent }

    func inject(_ context: SpanContext, setHeader: (_ name: String, _ value: String) -> Void) {}
}
