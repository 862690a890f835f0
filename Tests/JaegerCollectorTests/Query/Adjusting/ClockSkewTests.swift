import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct ClockSkewTests {
    private static let hour: UInt64 = 3_600_000_000_000

    private func span(
        _ id: UInt64, parent: UInt64? = nil, on host: String?, from start: UInt64,
        lasting duration: UInt64, logs: [SpanLog] = []
    ) -> FinishedSpan {
        .stub(
            service: "s", processTags: host.map { [SpanTag("hostname", .string($0))] } ?? [],
            id: id, parent: parent, startMicroseconds: start, durationMicroseconds: duration,
            logs: logs)
    }

    private func corrected(_ spans: [FinishedSpan], max: UInt64 = hour) -> [AdjustedSpan] {
        var adjusted = spans.map { AdjustedSpan(span: $0) }
        ClockSkew.correct(&adjusted, maxNanoseconds: max)
        return adjusted
    }

    private func starts(_ spans: [AdjustedSpan]) -> [UInt64] {
        spans.map { $0.span.startNanosecondsSinceEpoch / 1000 }
    }

    @Test(
        arguments: [
            // A child that starts before its parent, one that ends after it, and one that fits.
            (500, 100, 1450), (2500, 100, 1450), (1100, 100, 1100), (1000, 1000, 1000),
            // A longer one starts no earlier.
            (500, 5000, 1000), (1500, 5000, 1500),
        ] as [(UInt64, UInt64, UInt64)])
    func `a child on another host is moved into its parent`(
        start: UInt64, duration: UInt64, corrected expected: UInt64
    ) {
        let spans = corrected([
            span(1, on: "a", from: 1000, lasting: 1000),
            span(2, parent: 1, on: "b", from: start, lasting: duration),
        ])
        #expect(starts(spans) == [1000, expected])
        #expect(spans[1].warnings.isEmpty == (start == expected))
    }

    @Test func `descendants on the same host are moved as well, with their logs`() {
        let log = SpanLog(nanosecondsSinceEpoch: 520_000, fields: [])
        let spans = corrected([
            span(3, parent: 2, on: "b", from: 510, lasting: 10, logs: [log]),
            span(2, parent: 1, on: "b", from: 500, lasting: 100),
            span(1, on: "a", from: 1000, lasting: 1000),
            span(4, parent: 3, on: "a", from: 1461, lasting: 1),
        ])
        #expect(starts(spans) == [1460, 1450, 1000, 1461])
        #expect(spans[0].span.logs[0].nanosecondsSinceEpoch == 1_470_000)
        #expect(spans[0].warnings == ["This span's timestamps were adjusted by 950µs"])
        #expect(spans[3].warnings.isEmpty)
    }

    @Test func `spans of one host are not moved`() {
        let spans = corrected([
            span(1, on: "a", from: 1000, lasting: 1000),
            span(2, parent: 1, on: "a", from: 500, lasting: 100),
        ])
        #expect(starts(spans) == [1000, 500])
        #expect(spans[1].warnings.isEmpty)
    }

    @Test func `without a host clocks may always differ`() {
        let spans = corrected([
            span(1, on: nil, from: 1000, lasting: 1000),
            span(2, parent: 1, on: nil, from: 500, lasting: 100),
        ])
        #expect(starts(spans) == [1000, 1450])
    }

    @Test func `if the adjustment is disabled nothing is moved, but the warning contains the skew`()
    {
        let spans = corrected(
            [
                span(1, on: "a", from: 6_000_000, lasting: 1000),
                span(2, parent: 1, on: "b", from: 1_000_000, lasting: 1000),
            ], max: 0)
        #expect(starts(spans) == [6_000_000, 1_000_000])
        #expect(
            spans[1].warnings == [
                "clock skew adjustment disabled; not applying calculated delta of 5s"
            ])
    }

    @Test func `more than the maximum is not applied`() {
        let spans = corrected(
            [
                span(1, on: "a", from: 6_000_000, lasting: 1000),
                span(2, parent: 1, on: "b", from: 1_000_000, lasting: 1000),
            ], max: 1_000_000_000)
        #expect(starts(spans) == [6_000_000, 1_000_000])
        #expect(
            spans[1].warnings == [
                "max clock skew adjustment delta of 1s exceeded; not applying calculated delta of 5s"
            ])
    }

    @Test func `an orphan has a warning`() {
        let spans = corrected([span(2, parent: 0x999, on: "a", from: 1, lasting: 1)])
        #expect(
            spans[0].warnings == [
                "parent span ID=0000000000000999 is not in the trace; skipping clock skew adjustment"
            ])
    }

    @Test func `cycles of parents and extreme times are handled`() {
        let circle = corrected([
            span(1, parent: 2, on: "a", from: 5, lasting: 1),
            span(2, parent: 1, on: "b", from: 9, lasting: 1),
            span(3, parent: 3, on: "b", from: 9, lasting: 1),
        ])
        #expect(starts(circle) == [5, 9, 9])
        var early = span(1, on: "a", from: 0, lasting: 0)
        early.durationNanoseconds = .max
        var late = span(2, parent: 1, on: "b", from: 0, lasting: 0)
        late.startNanosecondsSinceEpoch = .max
        late.durationNanoseconds = .max
        let spans = corrected([late, early], max: .max)
        #expect(spans.count == 2)
    }

    @Test func `a chain of a hundred thousand spans is processed without recursion`() {
        let process = TracedProcess(serviceName: "s")
        let spans = (1...100_000 as ClosedRange<UInt64>).map { id in
            var span = FinishedSpan.stub(id: id, parent: id > 1 ? id - 1 : nil)
            span.process = process
            return span
        }
        #expect(corrected(spans).allSatisfy { $0.warnings.isEmpty })
    }
}
