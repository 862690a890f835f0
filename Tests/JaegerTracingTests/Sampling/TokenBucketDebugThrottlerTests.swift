import JaegerTracing
import Testing

@Suite struct TokenBucketDebugThrottlerTests {
    private let time = ManualTime()

    private func allowed(_ throttler: TokenBucketDebugThrottler, _ name: String) -> Int {
        (0..<100).count { _ in throttler.isAllowed(operationName: name) }
    }

    @Test func `after a burst it allows the configured rate`() {
        let throttler = TokenBucketDebugThrottler(
            tracesPerSecond: 1, burst: 3, scope: .tracer, now: time.read)
        #expect(allowed(throttler, "a") == 3)
        #expect(allowed(throttler, "b") == 0)
        time.advance(bySeconds: 2)
        #expect(allowed(throttler, "b") == 2)
    }

    @Test func `operations have separate buckets if configured`() {
        let throttler = TokenBucketDebugThrottler(
            tracesPerSecond: 1, burst: 3, scope: .operation, now: time.read)
        #expect(allowed(throttler, "a") == 3)
        #expect(allowed(throttler, "b") == 3)
    }

    @Test func `names beyond the limit share a bucket`() {
        let throttler = TokenBucketDebugThrottler(
            tracesPerSecond: 0, burst: 1, scope: .operation, now: time.read)
        let count = (0..<5000).count { throttler.isAllowed(operationName: "op \($0)") }
        #expect(count == 2001)
    }

    @Test(arguments: [0, -1, .min] as [Int])
    func `without a burst nothing is allowed`(burst: Int) {
        let throttler = TokenBucketDebugThrottler(
            tracesPerSecond: 5, burst: burst, scope: .tracer, now: time.read)
        #expect(allowed(throttler, "a") == 0)
    }
}
