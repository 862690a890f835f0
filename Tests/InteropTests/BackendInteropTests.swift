import FoundationEssentials
import HTTPTypes
import Logging
import Spoor
import TestSupport
import Testing
import Tracing

/// Spans of `HTTPReporter`, received by a backend that is as strict as Jaeger's and decoded by independent libraries: each batch
/// is accepted, and each tag, log, reference and process tag is unchanged.
@Suite(
    .enabled(if: ForeignClient.isExpected, ForeignClient.absence), .timeLimit(.minutes(10)))
struct BackendInteropTests {
    private struct Received: Decodable {
        let jaegerThrift, otlp: [ReadBatch]
    }

    @Test(arguments: WireFormat.allCases, CollectorEndpoint.Compression.allCases)
    func `every batch is accepted, and its contents are unchanged`(
        format: WireFormat, compression: CollectorEndpoint.Compression
    ) async throws {
        let memory = InMemoryReporter()
        let received = try await ForeignService.run("strict_backend.py", []) { url in
            var logger = Logger(label: "test.reporter")
            logger.logLevel = .critical
            var limits = ReporterLimits()
            limits.maxExportBatchSize = 64
            // Long timeouts, so that a busy machine does not count as a backend that hangs.
            (limits.exportTimeout, limits.shutdownTimeout) = (.seconds(600), .seconds(600))
            var endpoint = CollectorEndpoint(
                url + (format == .otlp ? "/v1/traces" : "/api/traces"), format: format)
            endpoint.compression = compression
            let reporter = HTTPReporter(endpoint, limits: limits, logger: logger)
            makeSpans(reportedTo: CompositeReporter([memory, reporter]))
            await reporter.shutdown()
            let status = reporter.status
            #expect(status.finished == memory.spans.count)
            #expect(status.sent == status.finished, "\(status)")
            #expect(status.retries == 0)

            let response = try await HTTPClient().execute(
                HTTPClientRequest(.get, url + "/received"))
            let received = try JSONDecoder().decode(Received.self, from: Data(response.body))
            return format == .otlp ? received.otlp : received.jaegerThrift
        }
        #expect(received.allSatisfy { $0.spans.count <= 64 })
        #expect(received.count >= memory.spans.count / 64)
        #expect(Set(received.map(\.seqNo)).contains(nil) == (format == .otlp))

        let batches = Dictionary(grouping: received, by: \.process.serviceName)
        let processes = Dictionary(grouping: memory.spans, by: \.process.serviceName)
        #expect(Set(batches.keys) == Set(processes.keys))
        for (name, spans) in processes {
            for batch in batches[name] ?? [] { expectOwnTags(of: spans[0].process, in: batch) }
            let read = (batches[name] ?? []).flatMap(\.spans)
            try #require(read.count == spans.count)
            for (read, span) in zip(read, spans) {
                var expected = ReadBatch.Span(span)
                if format == .otlp { expected.takeW3CFlags(of: span) }
                #expect(read.normalized == expected.normalized)
            }
        }
    }

    /// Tags that have another name in OTLP are covered by the tests of the mapping.
    private func expectOwnTags(of process: TracedProcess, in batch: ReadBatch) {
        let renamed: Set = ["client-uuid", "hostname", "ip", "jaeger.version"]
        for tag in process.tags where !renamed.contains(tag.key) {
            #expect(batch.process.tags?.contains(ReadBatch.Tag(tag)) == true, "\(tag.key)")
        }
    }

    /// Creates some hundred spans of two services that contain every kind of data.
    private func makeSpans(reportedTo reporter: any SpanReporter) {
        var generator = SeededGenerator()
        let texts = ["", "plain", "é€😀", "a\u{0}b\n", String(repeating: "long é ", count: 2000)]
        for (name, width) in [("wide", TraceIDWidth.bits128), ("naïve old", .bits64)] {
            var configuration = JaegerTracerConfiguration()
            configuration.traceIDWidth = width
            configuration.processTags = [
                SpanTag("zone", "é1"), SpanTag("weight", 0.5), SpanTag("canary", true),
                SpanTag("pid", 42),
                SpanTag("key", .binary([0, 255, 127])),
            ]
            let tracer = JaegerTracer(
                serviceName: name, reporter: reporter, configuration: configuration)
            var parent: JaegerSpan?
            for number in 0..<150 {
                let isRoot = number % 10 == 0
                let received: SpanContext? =
                    isRoot
                    ? (number % 20 == 0 ? SpanContext(baggage: ["k": "v"], debugID: "bug") : nil)
                    : parent?.spanContext
                let span = tracer.startSpan(
                    "operation \(texts[number % 3])",
                    references: received.map {
                        [CausalReference(number % 3 == 0 ? .followsFrom : .childOf, $0)]
                    } ?? [],
                    ofKind: [.server, .client, .producer, .consumer, .internal][number % 5])
                span.setTag("text", texts[number % texts.count])
                span.setTag("int", Int64(truncatingIfNeeded: generator.next()))
                span.setTag("extremes", number % 2 == 0 ? Int64.min : Int64.max)
                span.setTag("double", Double(number) / 3)
                span.setTag("bool", number % 2 == 0)
                span.setTag("bytes", [UInt8](0...UInt8(number)))
                span.setTag("list", .array([.string("a\"é"), .int(-1), .bool(true), .double(0.5)]))
                span.log([
                    SpanTag("event", "counted"), SpanTag("number", .int(Int64(number))),
                    SpanTag("text", .string(texts[2])),
                ])
                if let parent { span.addReference(.followsFrom, to: parent.spanContext) }
                span.setBaggageItem("b", texts[number % 3])
                if number % 4 == 0 { span.recordError(Fault()) }
                if number % 7 == 0 { span.setStatus(SpanStatus(code: .error, message: "é")) }
                if number % 11 == 5 { span.setStatus(SpanStatus(code: .ok)) }
                span.end()
                parent = span
            }
        }
    }

    private struct Fault: Error {}

    // MARK: The test double

    /// A body, its headers, and the response of a backend.
    private struct Offer {
        var path = "/api/traces"
        var contentType: String? = "application/x-thrift"
        var coding: String?
        var body: [UInt8]
        let status: Int
    }

    /// A batch of one span (trace 1, span 2), with ids to be replaced.
    private static func batch(traceID: UInt8 = 1, spanID: UInt8 = 2) -> [UInt8] {
        let bytes: [UInt8] =
            [0x0c, 0, 1, 0x0b, 0, 1, 0, 0, 0, 3] + Array("svc".utf8) + [0]
            + [0x0f, 0, 2, 0x0c, 0, 0, 0, 1]
            + [0x0a, 0, 1] + id(traceID) + [0x0a, 0, 2] + id(0) + [0x0a, 0, 3] + id(spanID)
            + [0x0a, 0, 4] + id(0) + [0x0b, 0, 5, 0, 0, 0, 2] + Array("op".utf8)
        return bytes + [0x08, 0, 7, 0, 0, 0, 1, 0x0a, 0, 8] + id(9) + [0x0a, 0, 9] + id(9) + [0, 0]
    }

    private static func id(_ value: UInt8) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, value] }

    /// The recorded responses of the Jaeger receiver of the OpenTelemetry Collector.
    private static let offers: [Offer] = {
        let good = batch()
        var lying = good
        lying[18] = 0x7f
        var withoutDuration = good
        withoutDuration.removeSubrange((good.count - 13)..<(good.count - 2))
        return [
            Offer(body: good, status: 202),
            Offer(contentType: "application/vnd.apache.thrift.binary", body: good, status: 202),
            Offer(contentType: "application/x-thrift; charset=x", body: good, status: 202),
            Offer(path: "/api/traces?format=jaeger.thrift", body: good, status: 202),
            Offer(body: good + good, status: 202),
            Offer(contentType: nil, body: good, status: 400),
            Offer(contentType: "application/json", body: good, status: 400),
            Offer(coding: "identity", body: good, status: 400),
            Offer(coding: "br", body: good, status: 400),
            Offer(coding: "gzip", body: good, status: 400),
            Offer(body: [], status: 400),
            Offer(body: Array("garbage".utf8), status: 400),
            Offer(body: Array(good.dropLast(20)), status: 400),
            Offer(body: lying, status: 400),
            Offer(body: withoutDuration, status: 400),
            Offer(body: [0x80, 1, 0, 4, 0, 0, 0, 9] + Array("emitBatch".utf8), status: 400),
            Offer(body: batch(traceID: 0), status: 500),
            Offer(body: batch(spanID: 0), status: 500),
            Offer(path: "/api/other", body: good, status: 404),
        ]
    }()

    @Test func `the test backend rejects what real backends reject`() async throws {
        try await ForeignService.run("strict_backend.py", []) { url in
            let client = HTTPClient()
            for offer in Self.offers {
                var headers = Headers()
                if let type = offer.contentType { headers.append(.contentType, type) }
                if let coding = offer.coding { headers.append(.contentEncoding, coding) }
                let response = try await client.execute(
                    HTTPClientRequest(
                        .post, url + offer.path, headers: headers, body: .bytes(offer.body)))
                #expect(response.status.code == offer.status, "\(offer): \(response.text)")
            }
            let other = try await client.execute(HTTPClientRequest(.get, url + "/api/traces"))
            #expect(other.status.code == 405)
        }
    }
}
