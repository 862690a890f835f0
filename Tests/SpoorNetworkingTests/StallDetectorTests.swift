import SpoorNetworking
import Testing

@Suite struct StallDetectorTests {
    private typealias Sample = LoopActivity.Sample

    /// Processes samples one after the other; returns all reported events.
    private static func events(_ samples: [(now: UInt64, sample: Sample)]) -> [StallDetector.Event]
    {
        var detector = StallDetector(threshold: 1000)
        return samples.compactMap { now, sample in
            detector.process(at: sample, now: now) { "task \(sample.job)" }
        }
    }

    @Test func `a loop that sleeps or has short turns is not blocked`() {
        #expect(Self.events([(0, Sample()), (5000, Sample()), (50_000, Sample())]).isEmpty)
        let turning = (1...100).map { turn in
            (now: UInt64(turn * 500 + 400), sample: Sample(turnBegan: UInt64(turn * 500), job: 1))
        }
        #expect(Self.events(turning).isEmpty)
    }

    @Test func `a long turn is reported once while it lasts and once when it has ended`() {
        let samples = (1...20).map { step in
            (now: UInt64(10_000 + step * 200), sample: Sample(turnBegan: 10_000, job: 7))
        }
        let end = Sample(
            turnBegan: 14_100, job: 8, longTurnBegan: 10_000, longTurnNanoseconds: 4_050)
        #expect(
            Self.events(samples + [(14_200, end), (14_400, end)]) == [
                .isBlocked(nanoseconds: 1000, by: "task 7"),
                .wasBlocked(nanoseconds: 4_050, by: "task 7"),
            ])
    }

    @Test
    func `a turn that passes the threshold between two samples is reported when it has ended`() {
        let events = Self.events([
            (10_900, Sample(turnBegan: 10_000, job: 7)),
            (11_100, Sample(longTurnBegan: 10_000, longTurnNanoseconds: 1_010)),
        ])
        #expect(events == [.wasBlocked(nanoseconds: 1_010, by: "task 7")])
    }

    @Test func `a turn that ends in time is not reported`() {
        let events = Self.events([
            (10_900, Sample(turnBegan: 10_000, job: 7)),
            (11_100, Sample(longTurnBegan: 10_000, longTurnNanoseconds: 950)),
            (12_000, Sample()),
        ])
        #expect(events.isEmpty)
    }

    @Test func `the job that ran last is reported as the cause`() {
        let events = Self.events([
            (10_300, Sample(turnBegan: 10_000, job: 1)),
            (10_600, Sample(turnBegan: 10_000, job: 2)),
            (11_200, Sample(turnBegan: 10_000, job: 2)),
        ])
        #expect(events == [.isBlocked(nanoseconds: 1200, by: "task 2")])
    }

    @Test func `consecutive blocks are reported separately`() {
        let events = Self.events([
            (12_000, Sample(turnBegan: 10_000, job: 1)),
            (
                14_000,
                Sample(
                    turnBegan: 12_500, job: 2, longTurnBegan: 10_000, longTurnNanoseconds: 2_400)
            ),
            (
                14_200,
                Sample(
                    turnBegan: 12_500, job: 2, longTurnBegan: 10_000, longTurnNanoseconds: 2_400)
            ),
        ])
        #expect(
            events == [
                .isBlocked(nanoseconds: 2000, by: "task 1"),
                .wasBlocked(nanoseconds: 2400, by: "task 1"),
                .isBlocked(nanoseconds: 1700, by: "task 2"),
            ])
    }
}
