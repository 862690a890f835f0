/// How long to wait for a full socket before gathered answers are tried again, while a handler keeps them waiting.
///
/// Each try in vain doubles the pause, so that a peer that takes nothing costs next to nothing.
struct FlushPause {
    /// 2 ms: a peer that reads is hardly kept waiting.
    static let shortest: UInt64 = 2_000_000
    /// 256 ms.
    static let longest: UInt64 = 256_000_000

    private var current = Self.shortest

    /// The next pause in nanoseconds, after a try of which so many bytes were taken, but not all.
    mutating func next(taken count: Int) -> UInt64 {
        if count > 0 { current = Self.shortest }
        defer { current = min(current * 2, Self.longest) }
        return current
    }
}
