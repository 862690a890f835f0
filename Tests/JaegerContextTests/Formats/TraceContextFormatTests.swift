@testable import JaegerContext
import TestSupport
import Testing

@Suite struct TraceContextFormatTests {
    private static let parent = "00-12345678901234567890123456789012-1234567890123456-01"
    private static let other = "00-12345678901234567890123456789011-1234567890123456-01"

    private func extract(_ fields: HeaderList) -> ContextExtraction {
        Propagation(formats: [.traceContext]).extract(from: fields)
    }

    @Test(arguments: ["traceparent", "TraceParent", "TrAcEpArEnT", "TRACEPARENT"])
    func `names are case-insensitive`(name: String) {
        #expect(extract([(name, Self.parent)]).context?.isSampled == true)
    }

    @Test(arguments: ["trace-parent", "trace.parent", "traceparen", "traceparents"])
    func `other names are ignored`(name: String) {
        let extraction = extract([(name, Self.parent)])
        #expect(extraction.context == nil)
        #expect(extraction.malformedCount == 0)
    }

    @Test(
        arguments: [
            [("traceparent", parent), ("traceparent", other)],
            [("traceparent", parent), ("traceparent", parent)],
            [("traceparent", parent), ("TraceParent", "junk")],
            [("traceparent", "junk"), ("tracestate", "foo=1"), ("traceparent", parent)],
        ] as [HeaderList])
    func `several parents count as none`(fields: HeaderList) {
        let extraction = extract(fields)
        #expect(extraction.context == nil)
        #expect(extraction.malformedCount == 1)
    }

    @Test(
        arguments: [
            ([("tracestate", "foo=1,bar=2")], "foo=1,bar=2"),
            ([("TraceState", "foo=1")], "foo=1"),
            ([("tracestate", "")], nil),
            ([("tracestate", "foo=1"), ("tracestate", "")], "foo=1"),
            ([("tracestate", ""), ("tracestate", "foo=1")], "foo=1"),
            (
                [
                    ("tracestate", "foo=1,bar=2"), ("tracestate", "rojo=1,congo=2"),
                    ("tracestate", "baz=3"),
                ], "foo=1,bar=2,rojo=1,congo=2,baz=3"
            ),
            ([("tracestate", "foo=1"), ("tracestate", "foo=2")], "foo=1"),
            ([("tracestate", "foo=1"), ("tracestate", "FOO=2")], nil),
            ([("trace-state", "foo=1")], nil),
        ] as [(HeaderList, String?)])
    func `states form one list, and only an invalid state is dropped`(
        fields: HeaderList, state: String?
    ) {
        // The parent may be before or after it.
        for message in [
            HeaderList([("traceparent", Self.parent)] + fields.fields),
            HeaderList(fields.fields + [("traceparent", Self.parent)]),
        ] {
            let extraction = extract(message)
            #expect(extraction.context?.isValid == true)
            #expect(extraction.context?.traceState?.description == state)
            #expect(extraction.malformedCount == 0)
        }
    }

    @Test func `33 members in several headers are too many`() {
        var fields: HeaderList = [("traceparent", Self.parent)]
        for number in 1...32 { fields.fields.append(("tracestate", "bar\(number)=\(number)")) }
        #expect(extract(fields).context?.traceState?.members.count == 32)
        fields.fields.append(("tracestate", "bar33=33"))
        #expect(extract(fields).context?.traceState == nil)
        #expect(extract(fields).context?.isValid == true)
    }

    @Test func `a state without a valid parent is dropped`() {
        #expect(extract([("tracestate", "foo=1")]).context == nil)
        #expect(extract([("tracestate", "foo=1"), ("traceparent", "junk")]).context == nil)
    }

    @Test func `an endless state is dropped`() {
        let blanks = String(repeating: " ", count: 30_000)
        let fields: HeaderList = [
            ("traceparent", Self.parent), ("tracestate", "a=1" + blanks),
            ("tracestate", "b=1" + blanks), ("tracestate", "c=1"),
        ]
        #expect(extract(fields).context?.isValid == true)
        #expect(extract(fields).context?.traceState == nil)
    }

    @Test func `a received context is injected in one header`() {
        let fields: HeaderList = [
            ("traceparent", "00-12345678901234567890123456789012-1234567890123456-03"),
            ("tracestate", "foo=1"), ("tracestate", " bar=2"),
        ]
        var written: HeaderList = [:]
        let propagation = Propagation(formats: [.traceContext])
        if let context = propagation.extract(from: fields).context {
            propagation.inject(context, into: &written)
        }
        #expect(written.fields.map(\.name) == ["traceparent", "tracestate"])
        #expect(written["traceparent"] == fields["traceparent"])
        #expect(written["tracestate"] == "foo=1,bar=2")
    }

    @Test func `names can be configured`() {
        let propagation = Propagation(formats: [
            .traceContext(parentHeader: "X-Parent", stateHeader: "X-State")
        ])
        let fields: HeaderList = [("x-parent", Self.parent), ("x-state", "foo=1")]
        let context = propagation.extract(from: fields).context
        #expect(context?.traceState?["foo"] == "1")
        var written: HeaderList = [:]
        if let context { propagation.inject(context, into: &written) }
        #expect(written.fields.map(\.name) == ["x-parent", "x-state"])
    }
}
