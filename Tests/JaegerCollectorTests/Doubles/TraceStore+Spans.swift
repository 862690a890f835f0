import JaegerTracing
import JaegerThrift
import Testing

@testable import JaegerCollector

/// Inserts spans in batches: consecutive spans of one process are a batch.
extension TraceStore {
    func insert(_ spans: [FinishedSpan]) -> Int {
        batches(of: spans).reduce(0) { $0 + insert($1) }
    }
}

extension TraceIndex {
    mutating func insert(_ spans: [FinishedSpan]) -> Int {
        var rejected = 0
        for batch in batches(of: spans) {
            rejected += insert(batch)
        }
        return rejected
    }
}

private func batches(of spans: [FinishedSpan]) -> [JaegerBatch] {
    var batches: [JaegerBatch] = []
    var rest = spans[...]
    while let first = rest.first {
        let neighbours = rest.prefix { $0.process === first.process }
        rest = rest[neighbours.endIndex...]
        do {
            batches.append(try JaegerBatch(encoding: Array(neighbours), of: first.process))
        } catch {
            Issue.record(error)
        }
    }
    return batches
}
