import JaegerTracing
import Testing
import Tracing

@Suite struct AttributesTests {
    private let reporter = InMemoryReporter()

    private func span() -> JaegerSpan {
        JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil)
    }

    @Test func `a change loses nothing that was set concurrently`() throws {
        func change(_ attributes: inout SpanAttributes, meanwhile body: () -> Void) {
            body()
            attributes["mine"] = 1
        }
        let span = span()
        change(&span.attributes) { span.setTag("other", 2) }
        span.end()
        let finished = try #require(reporter.spans.first)
        #expect(finished[tag: "mine"] == 1)
        #expect(finished[tag: "other"] == 2)
    }

    @Test func `the protocol behaves in the same way`() throws {
        func set(_ span: some Tracing.Span) { span.attributes["mine"] = 1 }
        let span = span()
        span.setTag("bytes", .binary([1]))
        set(span)
        span.attributes["mine"] = 2
        span.end()
        let finished = try #require(reporter.spans.first)
        #expect(finished[tag: "mine"] == 2)
        #expect(finished[tag: "bytes"] == .binary([1]))
    }

    @Test func `other attributes replace all tags that can be expressed`() throws {
        let span = span()
        span.setTag("old", 1)
        span.setTag("bytes", .binary([1]))
        span.attributes = ["new": 2]
        span.end()
        let finished = try #require(reporter.spans.first)
        #expect(finished.tags == [SpanTag("bytes", .binary([1])), SpanTag("new", 2)])
    }
}
