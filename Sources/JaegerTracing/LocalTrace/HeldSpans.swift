import Synchronization

/// Enforces the limits on the spans that the local traces of a tracer hold, and has the sampler, flight recorder and
/// reporter that those traces use.
///
/// The spans themselves are stored in their ``LocalTrace``; this type stores the traces in the order of age.
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
        /// The entries by sequence number; numbers only grow, so the smallest is the oldest.
        var entries: [UInt64: Entry] = [:]
        var oldestSequenceNumber: UInt64 = 0
        var nextSequenceNumber: UInt64 = 0
        var spanCount = 0
        var byteCount = 0

        /// Removes and returns an entry; nil if it has been removed already.
        mutating func remove(_ sequenceNumber: UInt64) -> Entry? {
            guard let entry = entries.removeValue(forKey: sequenceNumber) else { return nil }
            spanCount -= entry.spanCount
            byteCount -= entry.byteCount
            return entry
        }

        /// Removes and returns the oldest entry; nil if there is none.
        mutating func removeOldest() -> Entry? {
            while oldestSequenceNumber < nextSequenceNumber {
                defer { oldestSequenceNumber += 1 }
                if let entry = remove(oldestSequenceNumber) { return entry }
            }
            return nil
        }
    }

    /// The sampler that decides on traces.
    let sampler: any Sampler
    /// The flight recorder that decides on unsampled traces; nil if there is none.
    let flightRecorder: FlightRecorder?
    /// The reporter of the spans that are reported.
    let reporter: any SpanReporter
    /// The counters of the results.
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

    /// The number of spans that are held.
    var spanCount: Int { state.withLock { $0.spanCount } }

    /// Adds a span of a trace, under the trace's number if it still has one.
    ///
    /// - Returns: The trace's number, and the traces that must release their spans. They have been removed already; the
    ///   trace itself may be among them.
    func add(
        _ trace: LocalTrace, at sequenceNumber: UInt64?, byteCount: Int
    ) -> (sequenceNumber: UInt64, evicted: [LocalTrace]) {
        state.withLock { state in
            let ownNumber: UInt64
            if let sequenceNumber, state.entries[sequenceNumber] != nil {
                ownNumber = sequenceNumber
            } else {
                ownNumber = state.nextSequenceNumber
                state.nextSequenceNumber += 1
            }
            state.entries[ownNumber, default: Entry(trace: trace)].add(byteCount)
            state.spanCount += 1
            state.byteCount += byteCount
            var evicted: [LocalTrace] = []
            while state.spanCount > maxSpanCount || state.byteCount > maxByteCount {
                guard let oldest = state.removeOldest() else { break }
                evicted.append(oldest.trace)
            }
            return (ownNumber, evicted)
        }
    }

    /// Removes a trace that no longer holds spans.
    func remove(_ sequenceNumber: UInt64) {
        _ = state.withLock { $0.remove(sequenceNumber) }
    }
}
