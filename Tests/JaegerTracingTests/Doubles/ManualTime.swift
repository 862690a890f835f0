import Synchronization

/// A monotonic clock in nanoseconds that only the test advances.
final class ManualTime: Sendable {
    private let nanoseconds: Atomic<Int64>

    init(_ nanoseconds: Int64 = 1_000_000_000) {
        self.nanoseconds = Atomic(nanoseconds)
    }

    var read: @Sendable () -> Int64 {
        { self.nanoseconds.load(ordering: .relaxed) }
    }

    func advance(bySeconds seconds: Double) {
        nanoseconds.wrappingAdd(Int64(seconds * 1e9), ordering: .relaxed)
    }
}
