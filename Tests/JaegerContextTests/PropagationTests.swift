@testable import JaegerContext
import TestSupport
import Testing

@Suite struct PropagationTests {
    private static let trace = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"
    private static let uber = ("uber-trace-id", "\(trace):\(span):0:1")
    private static let parent = ("traceparent", "00-\(trace)-\(span)-01")
    private static let other = ("traceparent", "00-\(trace)-00000000000000aa-00")

    private func extract(
        _ fields: HeaderList, _ formats: [PropagationFormat] = [.jaeger, .traceContext, .baggage]
    ) -> ContextExtraction {
        Propagation(formats: formats).extract(from: fields)
    }

    // MARK: Several formats

    @Test func `by default Jaeger's and W3C's headers are read and written`() throws {
        for field in [Self.uber, Self.parent] {
            let context = Propagation().extract(from: [field] as HeaderList).context
            #expect(context?.traceID == TraceID(Self.trace))
            #expect(context?.isSampled == true)
        }
        var context = try #require(SpanContext(Self.uber.1))
        context.baggage = ["k": "a b"]
        context.traceState = TraceState("foo=1")
        var fields: HeaderList = [:]
        Propagation().inject(context, into: &fields)
        #expect(
            fields.fields.map { $0.name + ": " + $0.value } == [
                "uber-trace-id: \(Self.trace):\(Self.span):0:1",
                "traceparent: 00-\(Self.trace)-\(Self.span)-01", "tracestate: foo=1",
                "baggage: k=a%20b", "uberctx-k: a%20b",
            ])
        #expect(Propagation().extract(from: fields).context == context)
    }

    @Test func `the first format of the list wins, and a different span is a conflict`() {
        let fields: HeaderList = [Self.other, Self.uber]
        let jaeger = extract(fields)
        #expect(jaeger.context?.spanID == SpanID(Self.span))
        #expect(jaeger.context?.isSampled == true)
        #expect(jaeger.hasConflict)
        let w3c = extract(fields, [.traceContext, .jaeger])
        #expect(w3c.context?.spanID == SpanID(0xaa))
        #expect(w3c.context?.isSampled == false)
        #expect(w3c.hasConflict)
        #expect(!extract([Self.parent, Self.uber]).hasConflict)
        #expect(!extract(fields, [.traceContext]).hasConflict)
    }

    @Test func `if the first format is malformed the second wins, and it is counted`() {
        let extraction = extract([("uber-trace-id", "junk"), Self.parent])
        #expect(extraction.context?.traceID == TraceID(Self.trace))
        #expect(extraction.malformedCount == 1)
        #expect(!extraction.hasConflict)
        #expect(extract([("uber-trace-id", "junk"), ("traceparent", "junk")]).malformedCount == 2)
    }

    @Test func `formats that agree add what the first cannot express`() {
        let debug = ("uber-trace-id", "\(Self.trace):\(Self.span):7:3")
        let random = ("traceparent", "00-\(Self.trace)-\(Self.span)-03")
        let state = ("tracestate", "foo=1")
        for formats in [[.traceContext, .jaeger], [.jaeger, .traceContext]]
            as [[PropagationFormat]]
        {
            let context = extract([debug, random, state], formats).context
            #expect(context?.isDebug == true)
            #expect(context?.parentID == SpanID(7))
            #expect(context?.hasRandomTraceID == true)
            #expect(context?.traceState?["foo"] == "1")
        }
        let open = ("b3", "\(Self.trace)-\(Self.span)")
        let decided = extract([open, Self.uber], [.b3, .jaeger]).context
        #expect(decided?.isSamplingDeferred == false)
        #expect(decided?.isSampled == true)
        // The first format decides on sampling, if it contains a decision.
        let denied = ("b3", "\(Self.trace)-\(Self.span)-0")
        #expect(extract([denied, debug], [.b3, .jaeger]).context?.flags == [])
        // Neither is sampled, and one of them has the firehose flag.
        let firehose = ("uber-trace-id", "\(Self.trace):\(Self.span):7:8")
        #expect(extract([denied, firehose], [.b3, .jaeger]).context?.flags == .firehose)
    }

    @Test func `the state of another trace is not used`() {
        let stranger = ("traceparent", "00-00000000000000000000000000000001-\(Self.span)-03")
        let extraction = extract([Self.uber, stranger, ("tracestate", "foo=1")])
        #expect(extraction.hasConflict)
        #expect(extraction.context?.traceState == nil)
        #expect(extraction.context?.hasRandomTraceID == false)
        // The state belongs to the same trace, although a proxy has created a span in between.
        let proxied = extract([Self.uber, Self.other, ("tracestate", "foo=1")])
        #expect(proxied.context?.traceState?["foo"] == "1")
    }

    @Test func `without formats nothing is read or written`() {
        let fields: HeaderList = [
            Self.uber, Self.parent, ("b3", "1"), ("baggage", "a=b"), ("jaeger-debug-id", "bug"),
            ("uberctx-a", "b"), ("jaeger-baggage", "c=d"),
        ]
        #expect(extract(HeaderList(Array(fields.fields.suffix(3))), []).context == nil)
        #expect(extract(fields, []).context == nil)
        var written: HeaderList = [:]
        if let context = extract(fields).context {
            Propagation(formats: []).inject(context, into: &written)
        }
        let debug = SpanContext(baggage: ["k": "v"], debugID: "bug")
        Propagation(formats: []).inject(debug, into: &written)
        #expect(written.fields.isEmpty)
    }

    @Test func `a format listed twice is read once`() {
        let formats: [PropagationFormat] = [.traceContext, .b3, .traceContext, .b3Multi]
        let fields: HeaderList = [Self.parent, ("b3", "\(Self.trace)-\(Self.span)-1")]
        let extraction = extract(fields, formats)
        #expect(extraction.context?.isSampled == true)
        #expect(extraction.malformedCount == 0)
    }

    // MARK: With any format

    @Test(
        arguments: [
            [.traceContext], [.b3], [.jaeger], [.b3Multi, .baggage],
        ] as [[PropagationFormat]])
    func `debug id and Jaeger's baggage are read with any format`(formats: [PropagationFormat]) {
        let fields: HeaderList = [
            ("jaeger-debug-id", "bug"), ("jaeger-baggage", "a=1"), ("uberctx-b", "2"),
        ]
        let context = extract(fields, formats).context
        #expect(context?.debugID == "bug")
        #expect(context?.baggage == ["a": "1", "b": "2"])
        #expect(context?.isValid == false)
        #expect(context?.isSamplingDeferred == true)
        let traced = extract(HeaderList([Self.parent] + fields.fields), [.traceContext]).context
        #expect(traced?.traceID == TraceID(Self.trace))
        #expect(traced?.baggage == ["a": "1", "b": "2"])
        #expect(traced?.debugID == nil)
    }

    @Test func `a debug id in a trace is used if enabled`() {
        let propagation = Propagation(acceptsDebugIDInTraces: true)
        let context = propagation.extract(
            from: [Self.parent, ("jaeger-debug-id", "bug")] as HeaderList
        ).context
        #expect(context?.isValid == true)
        #expect(context?.debugID == "bug")
        var fields: HeaderList = [:]
        if let context { propagation.inject(context, into: &fields) }
        #expect(fields["jaeger-debug-id"] == "bug")
    }

    @Test func `of two pairs with the same key that of the preferred format is used`() {
        let fields: HeaderList = [
            Self.uber, ("baggage", "k=w3c,x=1"), ("uberctx-k", "jaeger"), ("uberctx-y", "2"),
        ]
        #expect(extract(fields).context?.baggage == ["y": "2", "k": "jaeger", "x": "1"])
        let w3c = extract(fields, [.baggage, .jaeger]).context
        #expect(w3c?.baggage == ["k": "w3c", "x": "1", "y": "2"])
    }

    @Test func `limits apply to the baggage of all formats together`() {
        var fields: HeaderList = [Self.uber]
        for number in 0..<40 {
            fields.setHeader("uberctx-a\(number)", to: "v")
            fields.fields.append(("baggage", "b\(number)=v"))
        }
        let extraction = extract(fields)
        #expect(extraction.context?.baggage.count == 64)
        #expect(extraction.rejectedBaggageCount == 16)
    }

    // MARK: Custom formats

    @Test func `a custom format has its position in the list`() {
        let formats: [PropagationFormat] = [.custom(AmazonFormat()), .traceContext]
        let root = ("X-Amzn-Trace-Id", "Root=1-80f198ee-56343ba864fe8b2a57d3eff7;Sampled=1")
        let extraction = extract([Self.other, root, ("x-amzn-bag-k", "v")], formats)
        #expect(extraction.context?.spanID == SpanID(0xa))
        #expect(extraction.context?.baggage == ["x-amzn-bag-k": "v"])
        #expect(extraction.context?.isRemote == true)
        #expect(extraction.hasConflict)
        #expect(extract([Self.parent], formats).context?.spanID == SpanID(Self.span))
        let malformed = extract([("x-amzn-trace-id", "junk"), Self.parent], formats)
        #expect(malformed.malformedCount == 1)
        #expect(malformed.context?.spanID == SpanID(Self.span))
        var fields: HeaderList = [:]
        if let context = extraction.context {
            Propagation(formats: formats).inject(context, into: &fields)
        }
        #expect(
            fields.fields.map(\.name)
                == ["x-amzn-trace-id", "traceparent", "uberctx-x-amzn-bag-k"])
    }

    // MARK: Whole messages

    @Test func `injection and extraction result in the same context, for any set of formats`() {
        var random = SeededGenerator()
        let all: [PropagationFormat] = [.jaeger, .traceContext, .baggage, .b3, .b3Multi]
        for _ in 0..<2_000 {
            let formats = all.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
            var context = SpanContext(
                traceID: TraceID(high: random.next(), low: random.next() | 1),
                spanID: SpanID(random.next() | 1),
                flags: Bool.random(using: &random) ? .sampled : [], isRemote: true)
            var hasTrace = false
            for format in formats {
                context.baggage = ["k": "é,;= %", "other": ""]
                if case .baggage = format.kind {} else { hasTrace = true }
            }
            var fields: HeaderList = [:]
            Propagation(formats: formats).inject(context, into: &fields)
            fields.fields.shuffle(using: &random)
            let extraction = extract(fields, formats)
            #expect(!extraction.hasConflict)
            #expect(extraction.malformedCount == 0)
            #expect(extraction.context?.traceID == (hasTrace ? context.traceID : nil) || !hasTrace)
            #expect(extraction.context?.flags ?? [] == (hasTrace ? context.flags : []))
            let items = extraction.context?.baggage.items ?? []
            #expect(Set(items) == Set(context.baggage.items))
        }
    }

    @Test func `any headers are read without a trap`() {
        var random = SeededGenerator(seed: 99)
        let names = [
            "uber-trace-id", "uberctx-", "uberctx-a", "jaeger-debug-id", "jaeger-baggage",
            "traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid",
            "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "x-amzn-trace-id", "x-amzn-", "",
        ]
        let alphabet = Array("%%%,,==::--;; ab01d\t\u{0}".utf8)
        let propagation = Propagation(
            formats: [.jaeger, .traceContext, .baggage, .b3, .custom(AmazonFormat())])
        for _ in 0..<10_000 {
            var reader = ContextReader(propagation)
            for _ in 0..<6 {
                var value: [UInt8] = []
                for _ in 0..<Int.random(in: 0...60, using: &random) {
                    value.append(
                        Bool.random(using: &random)
                            ? alphabet.randomElement(using: &random) ?? 0
                            : UInt8.random(in: 0...255, using: &random))
                }
                let name = names.randomElement(using: &random) ?? ""
                reader.take(
                    name: name.utf8.span, value: value.span, by: propagation.names)
            }
            guard let context = reader.finish(propagation).context else { continue }
            var written: HeaderList = [:]
            propagation.inject(context, into: &written)
            for field in written.fields {
                #expect(field.value.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x9 })
            }
        }
    }
}

/// A custom format: the trace header of a load balancer, simplified.
private struct AmazonFormat: ContextFormat {
    var headerNames: [String] { ["X-Amzn-Trace-Id", "x-amzn-bag-*"] }

    func extract(from headers: [ReceivedHeader]) -> ExtractionResult {
        var baggage = Baggage()
        for header in headers where header.name.hasPrefix("x-amzn-bag-") {
            baggage[header.name] = header.value
        }
        guard let root = headers.first(where: { $0.name == "x-amzn-trace-id" }) else {
            return baggage.isEmpty ? .absent : .context(SpanContext(baggage: baggage))
        }
        guard root.value.hasPrefix("Root=1-"), root.value.utf8.count >= 42 else {
            return .malformed
        }
        let digits = root.value.dropFirst(7).prefix(33).filter { $0 != "-" }
        guard let trace = TraceID(String(digits)), trace.isValid else { return .malformed }
        return .context(
            SpanContext(traceID: trace, spanID: SpanID(0xa), flags: .sampled, baggage: baggage))
    }

    func inject(_ context: SpanContext, setHeader: (_ name: String, _ value: String) -> Void) {
        setHeader("x-amzn-trace-id", "Root=1-" + context.traceID.description)
    }
}
