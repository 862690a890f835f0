import JaegerTracing
import TestSupport
import Testing
import Tracing

@Suite(.finishes(within: .seconds(60))) struct JaegerSpanTests {
    private let reporter = InMemoryReporter()

    private func finish(
        limits: SpanLimits = SpanLimits(), _ body: (JaegerSpan) -> Void
    ) throws -> FinishedSpan {
        let tracer = JaegerTracer.stub(reporter: reporter, limits: limits)
        let parent = SpanContext(traceID: TraceID(low: 1), spanID: SpanID(2), flags: .sampled)
        let span = tracer.startSpan("op", childOf: parent)
        body(span)
        span.end()
        return try #require(reporter.spans.first)
    }

    @Test func `tags keep their types`() throws {
        let span = try finish { span in
            span.setTag("text", "é")
            span.setTag("int", -1)
            span.setTag("large", UInt64.max)
            span.setTag("fits", UInt64(Int64.max))
            span.setTag("double", 1.5)
            span.setTag("bool", true)
            span.setTag("bytes", [0, 255] as [UInt8])
            span.setTag("value", .string("v"))
        }
        #expect(
            span.tags == [
                SpanTag("span.kind", "internal"), SpanTag("text", "é"), SpanTag("int", -1),
                SpanTag("large", "18446744073709551615"), SpanTag("fits", .int(.max)),
                SpanTag("double", 1.5), SpanTag("bool", true), SpanTag("bytes", .binary([0, 255])),
                SpanTag("value", "v"),
            ])
    }

    @Test func `the last value of a key wins, at the position of the first`() throws {
        let span = try finish { span in
            span.setTag("a", 1)
            span.setTag("b", 2)
            span.setTag("a", "again")
        }
        #expect(span.tags.suffix(2) == [SpanTag("a", "again"), SpanTag("b", 2)])
    }

    @Test func `attributes are the tags`() throws {
        let span = try finish { span in
            span.setTag("bytes", [1] as [UInt8])
            span.setTag("kept", 1)
            span.setTag("gone", 1)
            span.attributes["array"] = [1, 2]
            span.attributes["unsigned"] = SpanAttribute.stringConvertible(UInt64.max)
            span.attributes["texts"] = ["a\"", "\n"]
            span.updateAttributes { attributes in
                attributes["gone"] = nil
                attributes["kept"] = 2
                attributes["new"] = 1.5
            }
            #expect(span.attributes.get("kept") == .int64(2))
            #expect(span.attributes.count == 6)
        }
        #expect(
            span.tags == [
                SpanTag("span.kind", "internal"), SpanTag("bytes", .binary([1])),
                SpanTag("kept", 2),
                SpanTag("array", .array([1, 2])), SpanTag("unsigned", "18446744073709551615"),
                SpanTag("texts", .array(["a\"", "\n"])), SpanTag("new", 1.5),
            ])
    }

    @Test func `logs keep their fields and times`() throws {
        let span = try finish { span in
            span.log(event: "first")
            span.log([SpanTag("event", "second"), SpanTag("n", 1)], at: 17)
            span.addEvent(
                SpanEvent(
                    name: "third", at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 18),
                    attributes: ["b": 2, "a": "x"]))
        }
        #expect(span.logs.count == 3)
        #expect(span.logs[0].fields == [SpanTag("event", "first")])
        #expect(span.logs[0].nanosecondsSinceEpoch >= span.startNanosecondsSinceEpoch)
        #expect(
            span.logs[1]
                == SpanLog(
                    nanosecondsSinceEpoch: 17,
                    fields: [SpanTag("event", "second"), SpanTag("n", 1)]))
        #expect(
            span.logs[2]
                == SpanLog(
                    nanosecondsSinceEpoch: 18,
                    fields: [SpanTag("event", "third"), SpanTag("a", "x"), SpanTag("b", 2)]))
    }

    @Test func `errors become logs, and error statuses become tags`() throws {
        struct Failure: Error, CustomStringConvertible { let description = "it broke" }
        let tracer = JaegerTracer.stub(reporter: reporter)
        #expect(throws: Failure.self) {
            try tracer.withSpan("op", context: .topLevel) { _ in throw Failure() }
        }
        let span = try #require(reporter.spans.first)
        #expect(span[tag: "error"] == true)
        #expect(span[tag: "otel.status_code"] == "ERROR")
        #expect(
            span.logs.first?.fields == [
                SpanTag("event", "error"), SpanTag("error.kind", "Failure"),
                SpanTag("message", "it broke"),
            ])
    }

    @Test func `an ok status is not an error, and its message is not kept`() throws {
        let span = try finish { $0.setStatus(SpanStatus(code: .ok, message: "fine")) }
        #expect(span[tag: "otel.status_code"] == "OK")
        #expect(span[tag: "error"] == nil)
        #expect(span[tag: "otel.status_description"] == nil)
    }

    @Test func `links are references`() throws {
        let other = SpanContext(traceID: TraceID(low: 7), spanID: SpanID(8), isRemote: true)
        let span = try finish { span in
            var context = ServiceContext.topLevel
            span.addLink(SpanLink(context: context, attributes: [:]))
            span.addReference(.childOf, to: SpanContext(baggage: ["k": "v"]))
            context.spanContext = other
            span.addLink(SpanLink(context: context, attributes: [:]))
            span.addReference(.childOf, to: other)
        }
        #expect(
            span.references == [
                SpanReference(
                    .followsFrom, traceID: TraceID(low: 7), spanID: SpanID(8), isRemote: true),
                SpanReference(
                    .childOf, traceID: TraceID(low: 7), spanID: SpanID(8), isRemote: true),
            ])
    }

    @Test func `after the end changes are ignored, and so is a second end`() throws {
        let span = JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil)
        span.end()
        span.operationName = "late"
        span.setTag("late", 1)
        span.setTag("sampling.priority", 0)
        span.log(event: "late")
        span.setBaggageItem("late", "x")
        span.addReference(.childOf, to: span.spanContext)
        span.attributes["late"] = 1
        span.setStatus(SpanStatus(code: .error))
        span.end()
        span.end(at: DefaultTracerClock.now)
        #expect(reporter.spans.count == 1)
        #expect(span.operationName == "op")
        #expect(span.baggageItem("late") == nil)
        #expect(span.spanContext.isSampled)
        #expect(!span.isRecording)
    }

    @Test func `the last name wins`() throws {
        let span = try finish { span in
            span.operationName = "GET /hello/{name}"
            #expect(span.operationName == "GET /hello/{name}")
        }
        #expect(span.operationName == "GET /hello/{name}")
    }

    @Test func `baggage is inherited by children created later and is logged`() throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let parent = tracer.startSpan("parent", context: .topLevel)
        let context = parent.context
        parent.setBaggageItem("userId", "1")
        parent.setBaggageItem("userId", "2")
        parent.setBaggageItem("no token", "3")
        let child = tracer.startSpan("child", context: context)
        #expect(child.baggageItem("userId") == "2")
        #expect(child.baggageItem("userid") == nil)
        #expect(child.spanContext.baggage.count == 1)
        child.setBaggageItem("userId", nil)
        #expect(parent.baggageItem("userId") == "2")
        parent.end()
        #expect(
            reporter.spans.first?.logs.map(\.fields) == [
                [SpanTag("event", "baggage"), SpanTag("key", "userId"), SpanTag("value", "1")],
                [
                    SpanTag("event", "baggage"), SpanTag("key", "userId"), SpanTag("value", "2"),
                    SpanTag("override", true),
                ],
                [
                    SpanTag("event", "baggage"), SpanTag("key", "no token"), SpanTag("value", "3"),
                    SpanTag("invalid", true),
                ],
            ])
    }

    @Test func `many tasks can set tags concurrently`() async throws {
        let tracer = JaegerTracer.stub(reporter: reporter)
        let span = tracer.startSpan("op", childOf: nil)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<200 {
                        span.setTag("key-\(round % 10)", task)
                        span.log(event: "e")
                        span.setBaggageItem("b\(task)", "\(round)")
                        if task == 7, round == 150 { span.end() }
                    }
                }
            }
        }
        let finished = try #require(reporter.spans.first)
        #expect(reporter.spans.count == 1)
        #expect(Set(finished.tags.map(\.key)).count == finished.tags.count)
        #expect(finished.logs.count <= 128)
    }
}
