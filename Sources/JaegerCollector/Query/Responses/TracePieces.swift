import JaegerTracing
import SpoorText

/// A response whose `data` contains traces with all their spans; each trace is decoded when it is written.
struct TracePieces: ResponsePieces {
    private let traces: [StoredTrace]
    private let adjustment: TraceAdjustment
    private let frame: (head: [UInt8], tail: [UInt8])
    private var position = 0
    private var current: TraceJSON?
    private(set) var isComplete = false

    init(_ traces: [StoredTrace], errors: [APIError] = [], _ adjustment: TraceAdjustment) {
        self.traces = traces
        self.adjustment = adjustment
        frame = JSONWriter.frame(total: 0, errors: errors)
    }

    mutating func next() -> [UInt8] {
        guard !isComplete else { return [] }
        var bytes = position == 0 ? frame.head : []
        while bytes.count < responsePieceBytes {
            if current?.isComplete == false {
                bytes += current?.next() ?? []
            } else if position < traces.count {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                current = TraceJSON(AdjustedTrace(traces[position], adjustment))
                position += 1
            } else {
                isComplete = true
                return bytes + frame.tail
            }
        }
        return bytes
    }
}

/// A trace in the JSON of Jaeger's query API, in pieces: spans are sorted by start; processes are named `p1`, `p2`… in
/// the order of their first spans.
struct TraceJSON: Sendable {
    private let trace: AdjustedTrace
    private let processes: [TracedProcess]
    private let processNumbers: [ObjectIdentifier: Int]
    private var position = 0
    private(set) var isComplete = false

    init(_ trace: AdjustedTrace) {
        self.trace = trace
        var processes: [TracedProcess] = []
        var numbers: [ObjectIdentifier: Int] = [:]
        for adjusted in trace.spans {
            let id = ObjectIdentifier(adjusted.span.process)
            guard numbers[id] == nil else { continue }
            processes.append(adjusted.span.process)
            numbers[id] = processes.count
        }
        self.processes = processes
        processNumbers = numbers
    }

    /// Returns the next bytes; empty after the last.
    mutating func next() -> [UInt8] {
        guard !isComplete else { return [] }
        let first = position
        var writer = JSONWriter(isContinuation: first > 0)
        while position < trace.spans.count, writer.bytes.count < responsePieceBytes {
            let adjusted = trace.spans[position]
            let number = processNumbers[ObjectIdentifier(adjusted.span.process)] ?? 0
            writer.span(adjusted, processName: "p\(number)")
            position += 1
        }
        isComplete = position == trace.spans.count
        return (first == 0 ? head() : []) + writer.bytes + (isComplete ? tail() : [])
    }

    private func head() -> [UInt8] {
        Array(#"{"traceID":"\#(trace.traceID)","spans":["#.utf8)
    }

    private func tail() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("processes")
            writer.object { writer in
                for (index, process) in processes.enumerated() {
                    writer.key("p\(index + 1)")
                    writer.process(process)
                }
            }
            writer.key("warnings")
            writer.warnings(trace.warnings)
        }
        // The members of the object continue after the spans.
        return Array("],".utf8) + writer.bytes.dropFirst()
    }
}
