import JaegerThrift
import JaegerTracing

/// Keeps what the batches of each process tell of it: how many there were, and what was lost.
///
/// That is `seqNo` and `ClientStats` of jaeger.thrift, counted since the process was first met.
struct ProcessLedger {
    private struct Entry {
        // Held, so that its identity is not given to another meanwhile.
        let process: TracedProcess
        var sequenceNumber: Int64 = 0
        var stats = ClientStats()
    }

    /// How many processes are remembered; a reporter serves a few tracers, and one that serves many forgets some.
    static let processesMax = 256

    private var entries: [ObjectIdentifier: Entry] = [:]

    /// How many processes are remembered.
    var count: Int { entries.count }

    /// Numbers a batch, from 1 for each process, and writes into it what its process has lost.
    mutating func stamp(_ batch: inout SpanBatch) {
        change(batch.process) { entry in
            entry.sequenceNumber += 1
            batch.sequenceNumber = entry.sequenceNumber
            batch.stats = entry.stats
        }
    }

    /// Notes that spans of a process were lost.
    mutating func note(
        _ count: Int, of process: TracedProcess, droppedFor cause: ReporterStatus.DropCause
    ) {
        change(process) { entry in
            switch cause {
            case .queueFull: entry.stats.fullQueueDroppedSpans += Int64(count)
            case .tooLarge: entry.stats.tooLargeDroppedSpans += Int64(count)
            case .invalid, .undeliverable, .rejected, .closed:
                entry.stats.failedToEmitSpans += Int64(count)
            }
        }
    }

    private mutating func change(_ process: TracedProcess, _ body: (inout Entry) -> Void) {
        let id = ObjectIdentifier(process)
        if entries[id] == nil, entries.count >= Self.processesMax, let other = entries.keys.first {
            entries[other] = nil
        }
        body(&entries[id, default: Entry(process: process)])
    }
}
