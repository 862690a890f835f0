import Synchronization

/// The spans that a tracer holds until it is decided whether they are reported: their bounds, and who decides.
///
/// The spans themselves are with their local traces, which this keeps from the oldest to the youngest.
final class HeldSpans: Sendable {
    private struct Entry {
        let trace: LocalTrace
        var spanCount = 0
        var byteCount = 0

        mutating func add(_ byteCount: Int) {
            spanCount += 1
            self.byteCount += byteCount
        }
    }

    private struct State {
        /// By place; places only grow, so the smallest is the oldest.
        var entries: [UInt64: Entry] = [:]
        var oldestPlace: UInt64 = 0
        var nextPlace: UInt64 = 0
        var spanCount = 0
        var byteCount = 0

        /// Takes out an entry; nil if it is not there any more.
        mutating func remove(_ place: UInt64) -> Entry? {
            guard let entry = entries.removeValue(forKey: place) else { return nil }
            spanCount -= entry.spanCount
            byteCount -= entry.byteCount
            return entry
        }

        /// Takes out the oldest entry; there must be one.
        mutating func removeOldest() -> Entry? {
            while oldestPlace < nextPlace {
                defer { oldestPlace += 1 }
                if let entry = remove(oldestPlace) { return entry }
            }
            return nil
        }
    }

    /// Decides on traces.
    let sampler: any Sampler
    /// Decides on traces that are not sampled; nil if nobody does.
    let flightRecorder: FlightRecorder?
    /// Gets the spans that are reported after all.
    let reporter: any SpanReporter
    /// Counts what became of the spans.
    let metrics: TracerMetrics
    private let maxSpanCount: Int
    private let maxByteCount: Int
    private let state = Mutex(State())

    init(
        _ sampler: any Sampler, _ flightRecorder: FlightRecorder?, _ reporter: any SpanReporter,
        _ metrics: TracerMetrics
    ) {
        self.sampler = sampler
        self.flightRecorder = flightRecorder
        self.reporter = reporter
        self.metrics = metrics
        let bounds = flightRecorder ?? FlightRecorder()
        maxSpanCount = bounds.maxSpanCount
        maxByteCount = bounds.maxByteCount
    }

    /// How many spans are held.
    var spanCount: Int { state.withLock { $0.spanCount } }

    /// Notes one more span of a trace, in its place if it still has one.
    ///
    /// - Returns: The trace's place, and the traces that must let go of their spans. They are removed
    ///   already; the trace itself may be among them.
    func add(
        _ trace: LocalTrace, at place: UInt64?, byteCount: Int
    ) -> (place: UInt64, evicted: [LocalTrace]) {
        state.withLock { state in
            let ownPlace: UInt64
            if let place, state.entries[place] != nil {
                ownPlace = place
            } else {
                ownPlace = state.nextPlace
                state.nextPlace += 1
            }
            state.entries[ownPlace, default: Entry(trace: trace)].add(byteCount)
            state.spanCount += 1
            state.byteCount += byteCount
            var evicted: [LocalTrace] = []
            while state.spanCount > maxSpanCount || state.byteCount > maxByteCount {
                guard let oldest = state.removeOldest() else { break }
                evicted.append(oldest.trace)
            }
            return (ownPlace, evicted)
        }
    }

    /// Notes that a trace holds nothing any more.
    func remove(_ place: UInt64) {
        _ = state.withLock { $0.remove(place) }
    }
}
