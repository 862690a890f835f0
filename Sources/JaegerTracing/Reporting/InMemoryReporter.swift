import Synchronization

/// Keeps spans in memory, in the order of their ends: for tests.
public final class InMemoryReporter: SpanReporter {
    private struct State {
        var spans: [FinishedSpan] = []
        var droppedCount = 0
    }

    /// The greatest number of spans kept; later ones are dropped and counted.
    public let spanCountMax: Int
    private let state = Mutex(State())

    /// Makes an empty reporter that keeps so many spans: 10 000, some 10 MB, unless told otherwise.
    public init(spanCountMax: Int = 10_000) {
        self.spanCountMax = spanCountMax
    }

    /// Keeps a span if there is room.
    public func report(_ span: FinishedSpan) {
        state.withLock { state in
            if state.spans.count < spanCountMax {
                state.spans.append(span)
            } else {
                state.droppedCount += 1
            }
        }
    }

    /// The spans kept so far, in the order of their ends.
    public var spans: [FinishedSpan] { state.withLock { $0.spans } }

    /// How many spans there was no room for.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Forgets all spans and counts.
    public func removeAll() {
        state.withLock { $0 = State() }
    }
}
