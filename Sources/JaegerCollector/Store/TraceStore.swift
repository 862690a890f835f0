import JaegerThrift
import JaegerTracing
import Synchronization
import SpoorText

/// The memory of the collector: keeps spans within ``StoreLimits`` and finds them again.
///
/// May be used from any thread. The lock is held to insert and to pick candidates, never while searching through spans.
public final class TraceStore: Sendable {
    /// How much is kept, each limit within its range.
    public let limits: StoreLimits
    private let index: Mutex<TraceIndex>

    /// Makes an empty store.
    public init(limits: StoreLimits = StoreLimits()) {
        self.limits = limits.clamped
        index = Mutex(TraceIndex(limits: limits))
    }

    /// What came in, what is kept and what went.
    public var counts: StoreCounts { index.withLock { $0.counts } }

    /// Keeps spans, and answers how many were refused because their trace or span id is zero.
    func insert(_ batch: JaegerBatch) -> Int {
        index.withLock { $0.insert(batch) }
    }

    /// Counts spans that were refused before, as they have no identity.
    func countRefused(_ count: Int) {
        index.withLock { $0.countRefused(count) }
    }

    /// The trace of that id; nil if there is none.
    func trace(_ id: TraceID) -> StoredTrace? {
        index.withLock { $0.trace(id) }
    }

    /// The names of all services that have spans, sorted.
    func services() -> [String] {
        index.withLock { Array($0.services.keys) }.sorted().map(\.text)
    }

    /// The operations of a service, sorted by name and kind.
    func operations(of service: String) -> [ServiceOperation] {
        index.withLock { index in
            index.services[ExactText(service)].map { Array($0.operations.keys) } ?? []
        }.sorted { ($0.name, $0.spanKind) < ($1.name, $1.spanKind) }
    }

    /// The newest traces with a span that the query asks for, newest first.
    ///
    /// It takes as long as the search takes; see ``candidates(for:)`` and ``search(_:from:_:limit:)`` for parts of it.
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

    /// How many traces are looked up while the lock is held.
    private static let maxLockedLookups = 1024
    /// How many traces, and how many spans, one part of a search looks at.
    private static let maxSearchedTraces = 256
    private static let maxSearchedSpans = 8192

    /// The traces that a search has to look at, newest first.
    ///
    /// Inserting goes on meanwhile: what comes later is not among them, and what is evicted before the search reaches it is
    /// not found.
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

    /// Looks at some of the candidates: some milliseconds of work, unless a single trace takes longer.
    ///
    /// - Parameters:
    ///   - candidates: What ``candidates(for:)`` returned.
    ///   - position: Where to begin among them.
    ///   - query: What is searched for.
    ///   - limit: How many traces are wanted at the most.
    /// - Returns: What was found, in the order of the candidates, and where to go on.
    func search(
        _ candidates: [TraceID], from position: Int, _ query: TraceQuery, limit: Int
    ) -> (found: [StoredTrace], next: Int) {
        let end = min(position + Self.maxSearchedTraces, candidates.count)
        var found: [StoredTrace] = []
        var next = position
        var spanCount = 0
        while next < end, found.count < limit, spanCount < Self.maxSearchedSpans {
            // A few at a time: what lies behind the last that is wanted need not be looked up.
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

/// What came in, what is kept and what was evicted, since the collector began.
///
/// At every moment `receivedSpans = refusedSpans + truncatedSpans + evictedSpans + keptSpans`.
public struct StoreCounts: Sendable, Hashable {
    /// Spans that were handed to the store.
    public internal(set) var receivedSpans = 0
    /// Spans that were not taken, for their trace or span id is zero or malformed.
    public internal(set) var refusedSpans = 0
    /// Spans that were not taken, because their trace has as many spans or bytes as one trace may have.
    public internal(set) var truncatedSpans = 0
    /// Spans that were evicted to make room.
    public internal(set) var evictedSpans = 0
    /// Traces that were evicted to make room.
    public internal(set) var evictedTraces = 0
    /// Spans that can be found.
    public internal(set) var keptSpans = 0
    /// Traces that can be found.
    public internal(set) var keptTraces = 0
    /// The memory that the kept spans take, estimated, in bytes.
    public internal(set) var keptBytes = 0
    /// The bound that caused the last eviction; nil while nothing was evicted.
    public internal(set) var effectiveLimit: Limit?

    /// A bound of the whole store.
    public enum Limit: String, Sendable, Hashable {
        /// ``StoreLimits/maxSpans``.
        case maxSpans
        /// ``StoreLimits/maxBytes``.
        case maxBytes
    }
}
