import JaegerTracing
import Testing

@Suite struct SpanLogLimitTests {
    private let reporter = InMemoryReporter()

    /// The numbers of the logs that are left; nil for the marker.
    private func left(of count: Int, limit: Int) throws -> (numbers: [Int64?], span: FinishedSpan) {
        let tracer = JaegerTracer.stub(
            reporter: reporter, limits: SpanLimits(maxLogCount: limit))
        let span = tracer.startSpan("op", childOf: nil)
        for number in 0..<count {
            span.log([SpanTag("n", .int(Int64(number)))], at: UInt64(number))
        }
        span.end()
        let finished = try #require(reporter.spans.first)
        let numbers = finished.logs.map { log -> Int64? in
            if case .int(let number) = log.fields[0].value { number } else { nil }
        }
        return (numbers, finished)
    }

    @Test(
        arguments: [
            (5, 5, [0, 1, 2, 3, 4]), (6, 5, [0, 1, nil, 4, 5]), (7, 5, [0, 1, nil, 5, 6]),
            (8, 5, [0, 1, nil, 6, 7]), (100, 6, [0, 1, nil, 97, 98, 99]), (4, 3, [0, nil, 3]),
            (9, 3, [0, nil, 8]), (5, 2, [0, 1]), (5, 1, [0]), (5, 0, []),
        ] as [(Int, Int, [Int64?])])
    func `the oldest half and the newest are kept`(count: Int, limit: Int, kept: [Int64?]) throws {
        let (numbers, span) = try left(of: count, limit: limit)
        #expect(numbers == kept)
        let lost = count - kept.count { $0 != nil }
        #expect(
            span[tag: "otel.dropped_events_count"] == (lost == 0 ? nil : .int(Int64(lost))))
    }

    @Test func `the marker contains the number of dropped logs, at the time of the first`() throws {
        let (_, span) = try left(of: 8, limit: 5)
        #expect(
            span.logs[2]
                == SpanLog(
                    nanosecondsSinceEpoch: 2,
                    fields: [SpanTag("event", "logs dropped"), SpanTag("dropped_log_count", 4)]))
    }
}
