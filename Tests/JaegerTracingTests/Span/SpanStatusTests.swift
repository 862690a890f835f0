import JaegerTracing
import Testing
import Tracing

@Suite struct SpanStatusTests {
    private let reporter = InMemoryReporter()

    private func tags(after body: (JaegerSpan) -> Void) throws -> [SpanTag] {
        let parent = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled)
        let span = JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: parent)
        body(span)
        span.end()
        return try #require(reporter.spans.first).tags.filter { $0.key != "span.kind" }
    }

    @Test func `an error has a code and a description`() throws {
        let tags = try tags { $0.setStatus(SpanStatus(code: .error, message: "broke")) }
        #expect(
            tags == [
                SpanTag("error", true), SpanTag("otel.status_code", "ERROR"),
                SpanTag("otel.status_description", "broke"),
            ])
    }

    @Test func `the last error wins, without the description of the first`() throws {
        let tags = try tags { span in
            span.setStatus(SpanStatus(code: .error, message: "broke"))
            span.setStatus(SpanStatus(code: .error))
        }
        #expect(tags == [SpanTag("error", true), SpanTag("otel.status_code", "ERROR")])
    }

    @Test func `ok resets an error and is final`() throws {
        let tags = try tags { span in
            span.setStatus(SpanStatus(code: .error, message: "broke"))
            span.setStatus(SpanStatus(code: .ok, message: "fine"))
            span.setStatus(SpanStatus(code: .error, message: "again"))
        }
        #expect(tags == [SpanTag("otel.status_code", "OK")])
    }

    @Test func `a description that is too long is truncated`() throws {
        let text = String(repeating: "x", count: 5000)
        let tags = try tags { $0.setStatus(SpanStatus(code: .error, message: text)) }
        #expect(tags.last?.value.text.utf8.count == 4096)
    }
}
