import Testing
import TestSupport

@testable import JaegerTracing

@Suite struct TokenBucketTests {
    private static let second: Int64 = 1_000_000_000

    /// The results of a bucket at each of some seconds.
    private func results(rate: Double, at seconds: [Double]) -> [Bool] {
        var bucket = TokenBucket(ratePerSecond: rate, now: 0)
        return seconds.map { bucket.take(now: Int64($0 * 1e9)) }
    }

    @Test(arguments: [(2.0, 2), (1, 1), (0.1, 1), (1.5, 1), (10, 10), (0, 0), (-1, 0)])
    func `it starts full, with the tokens of one second`(rate: Double, count: Int) {
        let results = results(rate: rate, at: Array(repeating: 0, count: 100))
        #expect(results.count { $0 } == count)
    }

    @Test func `tokens are added over time, up to the maximum`() {
        #expect(
            results(rate: 2, at: [0, 0, 0.25, 0.5, 0.5, 3600, 3600, 3600])
                == [true, true, false, true, false, true, true, false])
    }

    @Test func `a slow rate adds up to a whole token`() {
        #expect(results(rate: 0.1, at: [0, 9, 10, 10]) == [true, false, true, false])
    }

    @Test func `a clock that is set back neither adds nor removes tokens`() {
        let results = results(rate: 1, at: [0, -5, 0, -9e9, 0.5, 1])
        #expect(results == [true, false, false, false, false, true])
    }

    @Test(arguments: [
        Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ])
    func `no rate traps`(rate: Double) {
        var bucket = TokenBucket(ratePerSecond: rate, maximum: rate, now: .min)
        for now in [.min, -1, 0, 1, .max] as [Int64] { _ = bucket.take(now: now) }
        bucket.update(ratePerSecond: 3, now: 0)
        bucket.update(ratePerSecond: rate, now: .max)
        _ = bucket.take(now: .max)
        #expect(bucket.ratePerSecond.isFinite && bucket.maximum.isFinite)
    }

    @Test func `an update keeps the bucket as full as it was`() {
        var bucket = TokenBucket(ratePerSecond: 4, now: 0)
        for _ in 0..<2 { _ = bucket.take(now: 0) }
        bucket.update(ratePerSecond: 8, now: 0)
        let before = bucket.takeAll(now: 0)
        #expect(before == 4)
        // The tokens of the old rate are added first.
        bucket.update(ratePerSecond: 2, now: Self.second / 2)
        let after = bucket.takeAll(now: Self.second / 2)
        #expect(after == 1)
    }

    @Test func `an empty bucket without a rate is full when it gets a rate`() {
        var bucket = TokenBucket(ratePerSecond: 0, now: 0)
        bucket.update(ratePerSecond: 5, now: 0)
        let count = bucket.takeAll(now: 0)
        #expect(count == 5)
    }

    @Test(arguments: 0..<20)
    func `it never provides more than rate and maximum allow`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let rate = Double.random(in: 0.05...50, using: &generator)
        var bucket = TokenBucket(ratePerSecond: rate, now: 0)
        var now: Int64 = 0
        var given = 0
        for _ in 0..<5000 {
            now += .random(in: 0...Self.second / 5, using: &generator)
            if bucket.take(now: now) { given += 1 }
            #expect(Double(given) <= rate * Double(now) / 1e9 + max(rate, 1) + 1e-6)
        }
        // If it is called more often than tokens are added, it provides nearly all of them.
        if rate < 5 { #expect(Double(given) > rate * Double(now) / 1e9 * 0.9) }
    }
}

extension TokenBucket {
    /// The number of tokens, up to a hundred.
    fileprivate mutating func takeAll(now: Int64) -> Int {
        var count = 0
        for _ in 0..<100 where take(now: now) { count += 1 }
        return count
    }
}
