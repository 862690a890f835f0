import Testing

@testable import SpoorServer

@Suite struct FlushBackoffTests {
    @Test func `intervals double up to a limit while the peer reads nothing`() {
        var backoff = FlushBackoff()
        let intervals = (0..<10).map { _ in backoff.next(taken: 0) / 1_000_000 }
        #expect(intervals == [2, 4, 8, 16, 32, 64, 128, 256, 256, 256])
    }

    @Test func `a peer that reads something gets more bytes soon`() {
        var backoff = FlushBackoff()
        for _ in 0..<5 { _ = backoff.next(taken: 0) }
        #expect(backoff.next(taken: 1) == FlushBackoff.shortest)
        #expect(backoff.next(taken: 0) == 2 * FlushBackoff.shortest)
    }
}
