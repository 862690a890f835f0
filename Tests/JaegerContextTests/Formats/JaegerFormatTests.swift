@testable import JaegerContext
import TestSupport
import Testing

@Suite struct JaegerFormatTests {
    private func extract(_ fields: HeaderList) -> ContextExtraction {
        Propagation(formats: [.jaeger]).extract(from: fields)
    }

    @Test func `a message without the headers has no context`() {
        let extraction = extract(["host": "x", "uber-trace": "1:2:0:1", "uberctx": "v", "": ""])
        #expect(extraction.context == nil)
        #expect(extraction.malformedCount == 0)
    }

    @Test func `names are case-insensitive`() {
        let context = extract(["Uber-Trace-ID": "1:2:3:1", "UberCtx-KEY": "v"]).context
        #expect(context?.traceID == TraceID(low: 1))
        #expect(context?.parentID == SpanID(3))
        #expect(context?.baggage["key"] == "v")
        #expect(context?.baggage["KEY"] == "v")
        #expect(context?.baggage["Key"] == "v")
        #expect(context?.isRemote == true)
    }

    @Test func `an equal trace in two headers is one trace`() {
        let extraction = extract(["uber-trace-id": "1:2:0:1", "Uber-Trace-Id": "01:02:0:01"])
        #expect(extraction.context?.traceID == TraceID(low: 1))
        #expect(extraction.malformedCount == 0)
    }

    @Test(
        arguments: [
            ["uber-trace-id": "1:2:0:1", "Uber-Trace-Id": "1:2:0:0"],
            ["uber-trace-id": "1:2:0:1", "Uber-Trace-Id": "junk"],
            ["uber-trace-id": "junk", "Uber-Trace-Id": "1:2:0:1"],
            ["uber-trace-id": ""],
        ] as [HeaderList])
    func `two different traces, or a malformed one, count as none`(fields: HeaderList) {
        let extraction = extract(fields)
        #expect(extraction.context == nil)
        #expect(extraction.malformedCount == 1)
    }

    @Test func `baggage and debug id are kept with a malformed trace`() {
        let extraction = extract([
            "uber-trace-id": "1:2:0", "uberctx-k": "v", "jaeger-debug-id": "bug 1",
        ])
        #expect(extraction.malformedCount == 1)
        #expect(extraction.context?.isValid == false)
        #expect(extraction.context?.baggage["k"] == "v")
        #expect(extraction.context?.debugID == "bug 1")
    }

    @Test(arguments: [
        ("a%20b", "a b"), ("a+b", "a b"), ("a%2Bb", "a+b"), ("a%2bb", "a+b"), ("%C3%A9", "é"),
        ("John+Doe", "John Doe"), ("+", " "), ("++a+", "  a "), ("1%2B1+%3D+2", "1+1 = 2"),
        ("%+", "% "), ("%2+", "%2 "), ("+%zz+", " %zz "), ("%252B", "%2B"),
        ("é", "é"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%%41", "%A"), (" x ", "x"),
        ("", ""), ("%FF", "\u{fffd}"), ("a%252Fb", "a%2Fb"), ("a=b,c", "a=b,c"),
    ])
    func `baggage values are decoded like forms: percent-encoding, and a plus for a space`(
        sent: String, value: String
    ) {
        #expect(extract(["uberctx-k": sent, "uberctx-other": "x"]).context?.baggage["k"] == value)
    }

    @Test(
        arguments: [
            ("k1=v1, k2=v2", ["k1": "v1", "k2": "v2"]), ("k1=v1,", ["k1": "v1"]),
            (" K1 = v 1 ", ["k1": "v 1"]), ("k1=v1=x, k2=v2", ["k2": "v2"]), ("k1", [:]),
            ("", [:]), (",,=,", [:]), ("k1%3Dv1%2C%20k2%3Dv2", ["k1": "v1", "k2": "v2"]),
            ("k1=", ["k1": ""]), ("=v", [:]), ("k 1=v", [:]), ("k1=v1, k1=v2", ["k1": "v2"]),
            ("k1=v+1,+k2=v%2B2", ["k1": "v 1", "k2": "v+2"]), ("K1=v1, k1=v2", ["k1": "v2"]),
        ] as [(String, Baggage)])
    func `the header with several pairs skips malformed ones`(sent: String, baggage: Baggage) {
        #expect((extract(["jaeger-baggage": sent]).context?.baggage ?? [:]) == baggage)
    }

    @Test func `received baggage is limited and rejected pairs are counted`() {
        var fields: HeaderList = ["uber-trace-id": "1:2:0:1"]
        for number in 0..<70 { fields.setHeader("uberctx-k\(number)", to: "v") }
        let extraction = extract(fields)
        #expect(extraction.context?.baggage.count == 64)
        #expect(extraction.rejectedBaggageCount == 6)

        let large: HeaderList = [
            "uberctx-a": String(repeating: "x", count: 8_000),
            "uberctx-b": String(repeating: "x", count: 8_000),
        ]
        #expect(extract(large).context?.baggage.items.map(\.key) == ["a"])
        #expect(extract(large).rejectedBaggageCount == 1)
    }

    @Test(arguments: [
        ("my-bug", "my-bug"), ("a%20b", "a b"), (" x ", "x"), ("a+b", "a b"), ("c%2B%2B", "c++"),
    ])
    func `a debug id is received without a trace`(sent: String, value: String) {
        let context = extract(["Jaeger-Debug-Id": sent]).context
        #expect(context?.debugID == value)
        #expect(context?.isValid == false)
    }

    @Test func `an empty debug id is ignored, a long one is truncated`() {
        #expect(extract(["jaeger-debug-id": " "]).context == nil)
        let long = extract(["jaeger-debug-id": String(repeating: "é", count: 200)]).context
        #expect(long?.debugID == String(repeating: "é", count: 128))
    }

    @Test func `a debug id with a valid trace is ignored`() {
        let context = extract(["jaeger-debug-id": "x", "uber-trace-id": "1:2:0:0"]).context
        #expect(context?.debugID == nil)
        #expect(context?.flags == [])
    }

    @Test func `names can be configured and headers disabled`() {
        let propagation = Propagation(
            formats: [.jaeger(header: "X-Trace")], baggagePrefix: "X-Bag-", debugIDHeader: nil,
            baggageHeader: nil)
        let fields: HeaderList = [
            "x-trace": "1:2:0:1", "x-bag-k": "v", "uber-trace-id": "3:4:0:1",
            "jaeger-debug-id": "x", "jaeger-baggage": "a=b",
        ]
        let context = propagation.extract(from: fields).context
        #expect(context?.traceID == TraceID(low: 1))
        #expect(context?.baggage == ["k": "v"])
        #expect(propagation.extract(from: ["jaeger-debug-id": "x"] as HeaderList).context == nil)
        var written: HeaderList = [:]
        if let context { propagation.inject(context, into: &written) }
        #expect(written.fields.map(\.name) == ["x-trace", "x-bag-k"])
    }

    @Test func `injection replaces the trace and encodes all but unreserved characters`() {
        let context = SpanContext(
            traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled,
            baggage: ["K": "a b+/é~-._", "plain": "x"])
        var fields: HeaderList = ["uber-trace-id": "old"]
        Propagation(formats: [.jaeger]).inject(context, into: &fields)
        #expect(fields.fields.count == 3)
        #expect(fields["uber-trace-id"] == "0000000000000001:0000000000000002:0:1")
        #expect(fields["uberctx-k"] == "a%20b%2B%2F%C3%A9~-._")
        #expect(fields["uberctx-plain"] == "x")
    }

    @Test func `a context without a trace is propagated as received`() {
        let context = SpanContext(baggage: ["k": "v"], debugID: "bug 1")
        var fields: HeaderList = [:]
        Propagation(formats: [.jaeger]).inject(context, into: &fields)
        #expect(fields.fields.map(\.name) == ["jaeger-debug-id", "uberctx-k"])
        #expect(fields["jaeger-debug-id"] == "bug%201")
    }

    /// What Jaeger's clients write for `1+1 = 2/1, "é"*~`: those for Go, Java, Ruby, Node, Python, C++ and C#.
    @Test(arguments: [
        "1%2B1+%3D+2%2F1%2C+%22%C3%A9%22%2A~", "1%2B1+%3D+2%2F1%2C+%22%C3%A9%22*%7E",
        "1%2B1+%3D+2%2F1%2C+%22%C3%A9%22%2A~", "1%2B1%20%3D%202%2F1%2C%20%22%C3%A9%22*~",
        "1%2B1%20%3D%202/1%2C%20%22%C3%A9%22%2A~", "1%2B1%20%3D%202%2F1%2C%20%22%C3%A9%22%2A~",
        "1%2B1%20%3D%202%2F1%2C%20%22%C3%A9%22%2A~",
    ])
    func `values of all of Jaeger's clients are read, and sent on in a form that all of them read`(
        sent: String
    ) throws {
        let value = "1+1 = 2/1, \"é\"*~"
        let context = try #require(extract(["uberctx-k": sent, "jaeger-debug-id": sent]).context)
        #expect(context.baggage["k"] == value)
        #expect(context.debugID == value)
        var written: HeaderList = [:]
        Propagation(formats: [.jaeger]).inject(context, into: &written)
        let encoded = "1%2B1%20%3D%202%2F1%2C%20%22%C3%A9%22%2A~"
        #expect(written["uberctx-k"] == encoded)
        #expect(written["jaeger-debug-id"] == encoded)
    }

    @Test func `injection and extraction result in the same context`() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            var baggage = Baggage()
            for key in 0..<Int.random(in: 0...5, using: &random) {
                var value = ""
                for _ in 0..<Int.random(in: 0...20, using: &random) {
                    let scalar = Unicode.Scalar(UInt32.random(in: 0...0x2fff, using: &random))
                    value.unicodeScalars.append(scalar ?? "?")
                }
                baggage["key-\(key)"] = value
            }
            let context = SpanContext(
                traceID: TraceID(high: random.next(), low: random.next() | 1),
                spanID: SpanID(random.next() | 1), parentID: SpanID(random.next() | 1),
                flags: .sampled, baggage: baggage, isRemote: true)
            var fields: HeaderList = [:]
            Propagation(formats: [.jaeger]).inject(context, into: &fields)
            // Values are compared as bytes: texts that look the same may differ.
            let read = extract(fields).context
            #expect(read == context)
            #expect(
                read?.baggage.items.map { Array($0.value.utf8) }
                    == baggage.items.map { Array($0.value.utf8) })
        }
    }
}
