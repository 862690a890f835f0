import JaegerThrift
import JaegerTracing
import Synchronization

/// The memory of the collector: keeps spans within ``StoreLimits`` and finds them again.
///
/// May be used from any thread. The lock is held to insert and to pick candidates, never while searching through spans.
public final class TraceStore: Sendable {
    private let index: Mutex<TraceIndex>

    /// Makes an empty store.
    public init(limits: StoreLimits = StoreLimits()) {
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
    func traces(matching query: TraceQuery) -> [StoredTrace] {
        let candidates = index.withLock { $0.candidates(service: query.service) }
            .sorted { $0.startNanosecondsSinceEpoch > $1.startNanosecondsSinceEpoch }
        return candidates.first(query.limit) { $0.contains(query) }
    }
}

extension Sequence {
    /// The first elements that are wanted; behind the last of them none is looked at.
    func first(_ countMax: Int, where isWanted: (Element) -> Bool) -> [Element] {
        var found: [Element] = []
        for element in self {
            guard found.count < countMax else { break }
            if isWanted(element) { found.append(element) }
        }
        return found
    }
}
