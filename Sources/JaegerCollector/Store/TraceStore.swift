import JaegerThrift
import JaegerTracing
import Synchronization
import SpoorText

/// The in-memory store of the collector: keeps spans within ``StoreLimits`` and finds them again.
///
/// It can be used from any thread. The lock is held to insert and to select candidates, never while spans are searched.
public final class TraceStore: Sendable {
    /// The limits, each within its range.
    public let limits: StoreLimits
    private let index: Mutex<TraceIndex>

    /// Creates an empty store.
    public init(limits: StoreLimits = StoreLimits()) {
        self.limits = limits.clamped
        index = Mutex(TraceIndex(limits: limits))
    }

    /// The counts of received, stored and evicted spans.
    public var counts: StoreCounts { index.withLock { $0.counts } }

    /// Stores spans, and returns the number of spans that were rejected because their trace or span id is zero.
    func insert(_ batch: JaegerBatch) -> Int {
        index.withLock { $0.insert(batch) }
    }

    /// Counts spans that were rejected before because of their ids.
    func countRejected(_ count: Int) {
        index.withLock { $0.countRejected(count) }
    }

    /// Returns the trace with that id; nil if there is none.
    func trace(_ id: TraceID) -> StoredTrace? {
        index.withLock { $0.trace(id) }
    }

    /// Returns the names of all services with spans, sorted.
    func services() -> [String] {
        index.withLock { Array($0.services.keys) }.sorted().map(\.text)
    }

    /// Returns the operations of a service, sorted by name and kind.
    func operations(of service: String) -> [ServiceOperation] {
        index.withLock { index in
            index.services[ExactText(service)].map { Array($0.operations.keys) } ?? []
        }.sorted { ($0.name, $0.spanKind) < ($1.name, $1.spanKind) }
    }

    /// Returns the newest traces with a span that matches the query, newest first.
    ///
    /// It returns after the whole search; ``candidates(for:)`` and ``search(_:from:_:limit:)`` are parts of it.
    func traces(matching query: TraceQuery) -> [StoredTrace] {
        let candidates = candidates(for: query)
        var found: [StoredTrace] = []
        var position = 0
        while position < candidates.count, found.count < query.limit {
            let part = search(
                candidates, from: position, query, limit: query.limit - found.count)
            found += part.found
            position = part.next
        }
        return found
    }

    /// The maximum number of traces that are looked up while the lock is held.
    private static let maxLockedLookups = 1024
    /// The maximum number of traces and of spans that one part of a search decodes.
    private static let maxSearchedTraces = 256
    private static let maxSearchedSpans = 8192

    /// Returns the traces that a search must check, newest first.
    ///
    /// Spans can be inserted meanwhile: later traces are not included, and traces that are evicted before the search
    /// reaches them are not found.
    func candidates(for query: TraceQuery) -> [TraceID] {
        let ids = index.withLock { $0.traceIDs(service: query.service) }
        var starts: [(id: TraceID, start: UInt64)] = []
        starts.reserveCapacity(ids.count)
        for first in stride(from: 0, to: ids.count, by: Self.maxLockedLookups) {
            let slice = ids[first..<min(first + Self.maxLockedLookups, ids.count)]
            starts += index.withLock { $0.starts(of: slice) }
        }
        return starts.sorted { $0.start > $1.start }.map(\.id)
    }

    /// Searches a part of the candidates: some milliseconds of work, unless a single trace takes longer.
    ///
    /// - Parameters:
    ///   - candidates: The result of ``candidates(for:)``.
    ///   - position: The index of the first candidate.
    ///   - query: The conditions.
    ///   - limit: The maximum number of traces.
    /// - Returns: The matches, in the order of the candidates, and the position at which to continue.
    func search(
        _ candidates: [TraceID], from position: Int, _ query: TraceQuery, limit: Int
    ) -> (found: [StoredTrace], next: Int) {
        let end = min(position + Self.maxSearchedTraces, candidates.count)
        var found: [StoredTrace] = []
        var next = position
        var spanCount = 0
        while next < end, found.count < limit, spanCount < Self.maxSearchedSpans {
            // A few at a time: candidates after the last match that is needed are not looked up.
            let slice = candidates[next..<min(next + 16, end)]
            for trace in index.withLock({ $0.traces(slice) }) where found.count < limit {
                spanCount += trace.spanCount
                if trace.contains(query) { found.append(trace) }
            }
            next = slice.endIndex
        }
        return (found, next)
    }
}

/// The counts of received, stored and evicted spans, since the collector started.
///
/// At any time `receivedSpans = rejectedSpans + truncatedSpans + evictedSpans + keptSpans`.
public struct StoreCounts: Sendable, Hashable {
    /// The spans that were passed to the store.
    public internal(set) var receivedSpans = 0
    /// The spans that were rejected because their trace or span id is zero or malformed.
    public internal(set) var rejectedSpans = 0
    /// The spans that were dropped because their trace had reached its limits.
    public internal(set) var truncatedSpans = 0
    /// The spans that were evicted to make room.
    public internal(set) var evictedSpans = 0
    /// The traces that were evicted to make room.
    public internal(set) var evictedTraces = 0
    /// The spans that are stored.
    public internal(set) var keptSpans = 0
    /// The traces that are stored.
    public internal(set) var keptTraces = 0
    /// The memory of the stored spans, estimated, in bytes.
    public internal(set) var keptBytes = 0
    /// The limit that caused the last eviction; nil before the first eviction.
    public internal(set) var effectiveLimit: Limit?

    /// A limit of the whole store.
    public enum Limit: String, Sendable, Hashable {
        /// ``StoreLimits/maxSpans``.
        case maxSpans
        /// ``StoreLimits/maxBytes``.
        case maxBytes
    }
}
