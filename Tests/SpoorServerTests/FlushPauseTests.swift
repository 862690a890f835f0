import Testing

@testable import SpoorServer

@Suite struct FlushPauseTests {
    @Test func `pauses double up to a limit while the peer reads nothing`() {
        var pause = FlushPause()
        let pauses = (0..<10).map { _ in pause.next(taken: 0) / 1_000_000 }
        #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 256, 256])
    }

    @Test func `a peer that reads something gets more bytes soon`() {
        var pause = FlushPause()
        for _ in 0..<5 { _ = pause.next(taken: 0) }
        #expect(pause.next(taken: 1) == FlushPause.shortest)
        #expect(pause.next(taken: 0) == 2 * FlushPause.shortest)
    }
}
