import JaegerTracing
import Testing
import Tracing

@Suite struct SpanErrorTests {
    private struct Failure: Error, CustomStringConvertible { let description = "it broke" }

    private let reporter = InMemoryReporter()

    private func fields(_ attributes: SpanAttributes) throws -> [SpanTag] {
        let span = JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil)
        span.recordError(Failure(), attributes: attributes)
        span.end()
        return try #require(reporter.spans.first?.logs.first).fields
    }

    @Test func `an error becomes a log according to OpenTracing's conventions`() throws {
        #expect(
            try fields([:]) == [
                SpanTag("event", "error"), SpanTag("error.kind", "Failure"),
                SpanTag("message", "it broke"),
            ])
    }

    @Test func `a stack of the attributes takes precedence`() throws {
        #expect(
            try fields(["stack": "main.swift:1", "message": "better"]) == [
                SpanTag("event", "error"), SpanTag("error.kind", "Failure"),
                SpanTag("message", "better"),
                SpanTag("stack", "main.swift:1"),
            ])
    }

    @Test func `an error alone does not set the error status`() throws {
        _ = try fields([:])
        #expect(reporter.spans.first?[tag: "error"] == nil)
    }
}
