import JaegerTracing
import TestSupport
import Testing

@testable import JaegerOTLP

@Suite struct OTLPEncoderTests {
    @Test func `a minimal span is the minimal vector`() {
        #expect(hex(GoldenRequest.minimal()) == GoldenRequest.minimalHex)
        #expect(GoldenRequest.minimal().count == 83)
    }

    @Test func `a span with every field is the full vector`() {
        #expect(hex(GoldenRequest.full()) == GoldenRequest.fullHex)
        #expect(GoldenRequest.full().count == 267)
    }

    @Test func `a request contains the process, the tracer's scope and the spans`() throws {
        let body = OTLPEncoder.encode(
            [GoldenRequest.fullSpan, GoldenRequest.minimalSpan], of: GoldenRequest.process)
        let batch = try #require(try OTLPExportRequest(decoding: body).batches.first)
        #expect(batch.spans.map(\.operationName) == ["GET /x", "op"])
        #expect(
            batch.spans[1].tags == [
                SpanTag("span.kind", "server"), SpanTag("otel.scope.name", "spoor"),
                SpanTag("otel.scope.version", .string(SpoorVersion.current)),
            ])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `sizes are known before encoding`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let process = TracedProcess(
            serviceName: .random(using: &generator),
            tags: .random(using: &generator, element: SpanTag.random))
        var spans: [FinishedSpan] = []
        var spansByteCount = 0
        let emptyByteCount = OTLPEncoder.encode([], of: process).count
        #expect(emptyByteCount <= process.otlpByteCount)
        for _ in 0..<6 {
            let span = FinishedSpan.random(of: process, using: &generator)
            spans.append(span)
            spansByteCount += span.otlpBytes().count
            let byteCount = OTLPEncoder.encode(spans, of: process).count
            #expect(byteCount >= emptyByteCount + spansByteCount)
            #expect(byteCount <= process.otlpByteCount + spansByteCount)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `encoding and decoding results in the same spans`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let process = TracedProcess(
            serviceName: "s" + .random(using: &generator),
            tags: .random(using: &generator, element: SpanTag.random))
        let spans = (0..<10).map { _ in FinishedSpan.random(of: process, using: &generator) }
        let body = OTLPEncoder.encode(spans, of: process, scope: nil, includesRemoteness: true)
        let request = try OTLPExportRequest(decoding: body)
        #expect(request.rejectedSpanCount == 0)
        try #require(request.batches.count == 1)
        #expect(request.batches[0].process.serviceName == process.serviceName)
        #expect(request.batches[0].process.tags == process.tags)
        #expect(request.batches[0].spans.count == 10)
        for (read, span) in zip(request.batches[0].spans, spans) {
            #expect(sameContent(read, span))
        }
    }

    // MARK: Fields and attributes

    private func roundTrip(_ span: FinishedSpan) throws -> FinishedSpan {
        let body = OTLPEncoder.encode(
            [span], of: GoldenRequest.process, scope: nil, includesRemoteness: true)
        return try #require(try OTLPExportRequest(decoding: body).batches.first?.spans.first)
    }

    @Test(arguments: [
        SpanTag("span.kind", "weird"), SpanTag("span.kind", 2), SpanTag("error", false),
        SpanTag("error", "yes"),
        SpanTag("otel.status_code", "UNSET"), SpanTag("otel.status_code", 2),
        SpanTag("otel.status_description", 1), SpanTag("w3c.tracestate", false),
        SpanTag("otel.dropped_attributes_count", -1), SpanTag("otel.dropped_events_count", "1"),
        SpanTag("otel.dropped_links_count", 4_294_967_296),
    ])
    func `a tag that does not fit in its field remains an attribute`(tag: SpanTag) throws {
        #expect(tag.mapped == nil)
        var span = GoldenRequest.minimalSpan
        span.tags = [tag]
        #expect(try roundTrip(span).tags == [tag])
    }

    @Test func `an error is an error, regardless of the status code`() {
        for tags in [
            [SpanTag("error", true), SpanTag("otel.status_code", "OK")],
            [SpanTag("otel.status_code", "OK"), SpanTag("error", true)],
            [SpanTag("error", true)], [SpanTag("otel.status_code", "ERROR")],
            [SpanTag("error", "true")],
        ] {
            var span = GoldenRequest.minimalSpan
            span.tags = tags
            #expect(SpanLayout(span).statusCode == SpanLayout.StatusCode.error)
        }
    }

    @Test(
        arguments: [
            ([SpanTag("http.status_code", 500)], 2), ([SpanTag("http.status_code", 499)], 0),
            ([SpanTag("http.response.status_code", 503)], 2),
            ([SpanTag("http.status_code", "500")], 0),
            ([SpanTag("http.status_code", 404), SpanTag("span.kind", "client")], 2),
            ([SpanTag("http.status_code", 404), SpanTag("span.kind", "server")], 0),
            ([SpanTag("http.status_code", 500), SpanTag("error", false)], 0),
            ([SpanTag("http.status_code", 500), SpanTag("otel.status_code", "OK")], 1),
        ] as [([SpanTag], UInt64)])
    func `the HTTP status determines the status if nothing else does`(
        tags: [SpanTag], status: UInt64
    ) {
        var span = GoldenRequest.minimalSpan
        span.tags = tags
        #expect(SpanLayout(span).statusCode == status)
    }

    @Test func `the parent is not a link, everything else is`() throws {
        var span = GoldenRequest.fullSpan
        let parentID = try #require(span.parentID)
        let others = [
            SpanReference(.followsFrom, traceID: span.traceID, spanID: parentID),
            SpanReference(.childOf, traceID: TraceID(low: 1), spanID: parentID),
            SpanReference(.childOf, traceID: span.traceID, spanID: SpanID(1)),
        ]
        span.references =
            others + [
                SpanReference(.childOf, traceID: span.traceID, spanID: parentID)
            ]
        let read = try roundTrip(span)
        #expect(read.parentID == parentID)
        #expect(read.references == others)
    }

    @Test func `a reference to the parent with more values is a link`() throws {
        var span = GoldenRequest.fullSpan
        let parentID = try #require(span.parentID)
        span.references = [
            SpanReference(
                .childOf, traceID: span.traceID, spanID: parentID, tags: [SpanTag("k", "v")]),
            SpanReference(.childOf, traceID: span.traceID, spanID: parentID, traceState: "a=b"),
        ]
        #expect(try roundTrip(span).references == span.references)
    }

    @Test(arguments: [SpanReference.Kind.childOf, .followsFrom])
    func `the kind of a reference is in its link once`(kind: SpanReference.Kind) throws {
        var reference = SpanReference(
            kind, traceID: TraceID(low: 1), spanID: SpanID(1), tags: [SpanTag("k", "v")])
        let plain = LinkLayout(reference).byteCount
        reference.tags.insert(SpanTag("opentracing.ref_type", "child_of"), at: 0)
        #expect(LinkLayout(reference).byteCount == plain)
        var span = GoldenRequest.minimalSpan
        span.references = [reference]
        let read = try #require(try roundTrip(span).references.first)
        #expect(read.kind == kind)
        #expect(read.tags == [SpanTag("k", "v")])
    }

    @Test func `of log fields with equal keys the last wins`() throws {
        var span = GoldenRequest.minimalSpan
        span.logs = [
            SpanLog(
                nanosecondsSinceEpoch: 1,
                fields: [
                    SpanTag("event", "e"), SpanTag("k", 1), SpanTag("l", 2), SpanTag("k", 3),
                    SpanTag("k", 4),
                ])
        ]
        #expect(
            try roundTrip(span).logs.map(\.fields) == [
                [SpanTag("event", "e"), SpanTag("l", 2), SpanTag("k", 4)]
            ])
    }

    @Test func `a parent that is only a reference becomes the parent`() throws {
        var span = GoldenRequest.minimalSpan
        span.references = [
            SpanReference(.childOf, traceID: TraceID(low: 9), spanID: SpanID(8)),
            SpanReference(.childOf, traceID: span.traceID, spanID: SpanID(7)),
        ]
        let read = try roundTrip(span)
        #expect(read.parentID == SpanID(7))
        #expect(read.references == [span.references[0]])
    }

    @Test func `a log without an event gets a name, and one with two loses none`() throws {
        var span = GoldenRequest.minimalSpan
        span.logs = [
            SpanLog(nanosecondsSinceEpoch: 1, fields: [SpanTag("k", "v")]),
            SpanLog(nanosecondsSinceEpoch: 2, fields: []),
            SpanLog(
                nanosecondsSinceEpoch: 3, fields: [SpanTag("event", "a"), SpanTag("event", "b")]),
            SpanLog(nanosecondsSinceEpoch: 4, fields: [SpanTag("event", 1)]),
        ]
        #expect(
            try roundTrip(span).logs.map(\.fields) == [
                [SpanTag("event", "log"), SpanTag("k", "v")], [SpanTag("event", "log")],
                [SpanTag("event", "a"), SpanTag("event", "b")],
                [SpanTag("event", "log"), SpanTag("event", 1)],
            ])
    }

    @Test(
        arguments: [
            (TraceFlags.sampled, false, true, 0x301), (.sampled, true, false, 0x103),
            ([], false, false, 0x100), ([.sampled, .debug], false, false, 0x101),
            (.debug, true, true, 0x302), (.firehose, false, false, 0x100),
        ] as [(TraceFlags, Bool, Bool, UInt32)])
    func `flags are W3C's, with whether the other span is remote`(
        flags: TraceFlags, hasRandomTraceID: Bool, isRemote: Bool, bits: UInt32
    ) throws {
        var span = GoldenRequest.minimalSpan
        span.flags = flags
        span.hasRandomTraceID = hasRandomTraceID
        span.isParentRemote = isRemote
        #expect(SpanLayout(span).flags == bits)
        let reference = SpanReference(
            .followsFrom, traceID: TraceID(low: 1), spanID: SpanID(2),
            flags: flags.intersection(.sampled), hasRandomTraceID: hasRandomTraceID,
            isRemote: isRemote)
        span.references = [reference, reference]
        span.references[1].isRemote = nil
        let read = try roundTrip(span)
        #expect(sameContent(read, span))
    }

    @Test(
        arguments: [[.sampled, .debug], [.sampled, .firehose], [.debug, .firehose]] as [TraceFlags])
    func `Jaeger's own flags are attributes`(flags: TraceFlags) throws {
        var span = GoldenRequest.minimalSpan
        span.flags = flags
        span.tags = [SpanTag("k", "v")]
        #expect(span.otlpBytes().count > GoldenRequest.minimalSpan.otlpBytes().count)
        #expect(sameContent(try roundTrip(span), span))
        // A tag of the span takes precedence, and becomes a flag only if it is true.
        span.flags = .debug
        span.tags = [SpanTag("jaeger.debug", "much"), SpanTag("jaeger.firehose", false)]
        let read = try roundTrip(span)
        #expect(read.tags == span.tags)
        #expect(read.flags == [])
    }

    @Test func `an end out of range is limited to the last instant`() throws {
        var span = GoldenRequest.minimalSpan
        span.startNanosecondsSinceEpoch = .max - 1
        span.durationNanoseconds = 5
        #expect(try roundTrip(span).durationNanoseconds == 1)
    }

    // MARK: The process

    @Test func `a process has the conventional names of a resource`() {
        let process = TracedProcess(
            serviceName: "svc",
            tags: [
                SpanTag("jaeger.version", "Spoor-1.2.3"), SpanTag("hostname", "h"),
                SpanTag("ip", "10.0.0.1"),
                SpanTag("client-uuid", "u"), SpanTag("mine", 1),
            ])
        #expect(
            process.resourceTags == [
                SpanTag("service.name", "svc"), SpanTag("telemetry.sdk.name", "spoor"),
                SpanTag("telemetry.sdk.language", "swift"),
                SpanTag("telemetry.sdk.version", "1.2.3"),
                SpanTag("host.name", "h"), SpanTag("host.ip", .array(["10.0.0.1"])),
                SpanTag("service.instance.id", "u"), SpanTag("mine", 1),
            ])
    }

    @Test func `attributes of the process with conventional names take precedence`() {
        let tags = [
            SpanTag("service.name", "other"), SpanTag("hostname", "h"),
            SpanTag("host.name", "mine"),
            SpanTag("ip", 1), SpanTag("jaeger.version", "Go-2.30.0"),
        ]
        #expect(
            TracedProcess(serviceName: "svc", tags: tags).resourceTags == [
                SpanTag("service.name", "svc"), SpanTag("host.name", "mine"), SpanTag("ip", 1),
                SpanTag("jaeger.version", "Go-2.30.0"),
            ])
    }
}
