import JaegerTracing
import SpoorTesting
import Testing

/// Recorded spans are compared with expected trees.
@Suite struct ExpectedSpanTests {
    private static let process = TracedProcess(serviceName: "shop")

    private static func span(
        _ name: String, _ id: UInt64, parent: UInt64? = nil, trace: UInt64 = 1, start: UInt64 = 0,
        milliseconds: UInt64 = 1, tags: [SpanTag] = []
    ) -> FinishedSpan {
        FinishedSpan(
            process: process, traceID: TraceID(high: 0, low: trace), spanID: SpanID(id),
            parentID: parent.map { SpanID($0) }, operationName: name,
            startNanosecondsSinceEpoch: 1_000_000_000 + start * 1_000_000,
            durationNanoseconds: milliseconds * 1_000_000, tags: tags)
    }

    /// In the order of their ends, children first, as reporters get them.
    private static let spans = [
        span("query", 3, parent: 2, start: 2, milliseconds: 3, tags: [SpanTag("rows", 7)]),
        span("query", 4, parent: 2, start: 6, milliseconds: 1, tags: [SpanTag("rows", 0)]),
        span(
            "POST /orders", 2, parent: 1, start: 1, milliseconds: 8,
            tags: [SpanTag("http.status_code", 201), SpanTag("span.kind", "server")]),
        span("POST", 1, start: 0, milliseconds: 10, tags: [SpanTag("span.kind", "client")]),
    ]

    private static func expected(rows: [TagValue] = [0, 7]) -> [ExpectedSpan] {
        [
            ExpectedSpan(
                "POST", service: "shop", tags: ["span.kind": "client"], absentTags: ["error"],
                children: [
                    ExpectedSpan(
                        "POST /orders", tags: ["http.status_code": 201],
                        children: rows.map { ExpectedSpan("query", tags: ["rows": $0]) })
                ])
        ]
    }

    @Test func `a tree that is expected has no mismatch`() {
        #expect(Self.spans.mismatch(with: Self.expected()) == nil)
        #expect(Self.spans.reversed().mismatch(with: Self.expected()) == nil)
        #expect([].mismatch(with: []) == nil)
    }

    @Test func `siblings are assigned in the only possible way`() {
        // The first expected one matches both.
        let expected = [ExpectedSpan("a"), ExpectedSpan("a", tags: ["n": 1])]
        let one = Self.span("a", 1, tags: [SpanTag("n", 1)])
        let two = Self.span("a", 2, trace: 2)
        #expect([one, two].mismatch(with: expected) == nil)
        #expect([two, one].mismatch(with: expected) == nil)
        #expect([one].mismatch(with: expected)?.differences == ["no span “a”"])
    }

    @Test(
        arguments: [
            (
                expected(rows: [0, 8]),
                ["“query” below “POST /orders”: the tag rows is int(7), not int(8)"]
            ),
            (expected(rows: [0]), ["unexpected span “query” below “POST /orders”"]),
            (expected(rows: [0, 7, 7]), ["no span “query” below “POST /orders”"]),
            ([], ["unexpected span “POST”"]),
            (expected() + [ExpectedSpan("GET")], ["no span “GET”"]),
            (
                [ExpectedSpan("POST", service: "other", absentTags: ["span.kind"])],
                [
                    "“POST”: the service is shop, not other", "“POST”: there is a tag span.kind",
                    "unexpected span “POST /orders” below “POST”",
                ]
            ),
            (
                [
                    ExpectedSpan(
                        "POST",
                        children: [
                            ExpectedSpan(
                                "POST /orders", tags: ["missing": 1], allowsOtherChildren: true)
                        ])
                ],
                ["“POST /orders” below “POST”: there is no tag missing"]
            ),
        ] as [([ExpectedSpan], [String])])
    func `each difference is named with its place`(
        expected: [ExpectedSpan], differences: [String]
    ) {
        #expect(Self.spans.mismatch(with: expected)?.differences == differences)
    }

    @Test func `other children are allowed if the test does not care`() {
        let expected = [
            ExpectedSpan(
                "POST",
                children: [
                    ExpectedSpan(
                        "POST /orders", children: [ExpectedSpan("query", tags: ["rows": 7])],
                        allowsOtherChildren: true)
                ])
        ]
        #expect(Self.spans.mismatch(with: expected) == nil)
    }

    @Test func `a mismatch shows the expected spans and the waterfall`() {
        let text = Self.spans.mismatch(with: Self.expected(rows: [0, 8])).map { "\($0)" }
        #expect(
            text == """

                “query” below “POST /orders”: the tag rows is int(7), not int(8)
                expected:
                  POST (shop) span.kind=client without error
                    POST /orders http.status_code=201
                      query rows=0
                      query rows=8
                recorded:
                trace 0000000000000001, 4 spans, 10.000 ms
                  POST (shop)           |========================| +0.000 10.000 ms span.kind=client
                    POST /orders (shop) |  ===================   | +1.000  8.000 ms http.status_code=201 span.kind=server
                      query (shop)      |    =======             | +2.000  3.000 ms rows=7
                      query (shop)      |              ==        | +6.000  1.000 ms rows=0
                """)
    }

    @Test func `spans of several traces, without a parent, and in a circle are shown`() {
        let spans = [
            Self.span("a", 1, parent: 9), Self.span("b", 2, trace: 2, milliseconds: 0),
            Self.span("c", 3, parent: 4, trace: 3), Self.span("d", 4, parent: 3, trace: 3),
            Self.span("e", 5, parent: 5, trace: 3),
        ]
        let lines = spans.waterfall.split(separator: "\n").map { $0.prefix { $0 != "|" } }
        #expect(
            lines == [
                "trace 0000000000000001, 1 spans, 1.000 ms", "  a (shop) ",
                "trace 0000000000000002, 1 spans, 0.000 ms", "  b (shop) ",
                "trace 0000000000000003, 3 spans, 1.000 ms", "  c (shop)   ", "    d (shop) ",
                "  e (shop)   ",
            ])
        #expect([FinishedSpan]().waterfall == "no spans")
    }
}
