import JaegerTracing
import TestSupport

extension FinishedSpan {
    /// Returns a random span of any shape that the wire format can represent without loss.
    static func random(
        of process: TracedProcess, using generator: inout SeededGenerator
    ) -> FinishedSpan {
        FinishedSpan(
            process: process,
            traceID: TraceID(high: generator.next(), low: generator.next()),
            spanID: SpanID(generator.next()),
            parentID: Bool.random(using: &generator) ? SpanID(generator.next() | 1) : nil,
            flags: TraceFlags(rawValue: UInt8.random(in: 0...255, using: &generator)),
            operationName: .random(using: &generator),
            references: .random(using: &generator) { generator in
                SpanReference(
                    Bool.random(using: &generator) ? .childOf : .followsFrom,
                    traceID: TraceID(high: generator.next(), low: generator.next()),
                    spanID: SpanID(generator.next()))
            },
            startNanosecondsSinceEpoch: .randomWholeMicroseconds(using: &generator),
            durationNanoseconds: .randomWholeMicroseconds(using: &generator),
            tags: .random(using: &generator, element: SpanTag.random),
            logs: .random(using: &generator) { generator in
                SpanLog(
                    nanosecondsSinceEpoch: .randomWholeMicroseconds(using: &generator),
                    fields: .random(using: &generator, element: SpanTag.random))
            }
        )
    }
}

extension SpanTag {
    static func random(using generator: inout SeededGenerator) -> SpanTag {
        let value: TagValue =
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: .string(.random(using: &generator))
            case 1: .double(Double(Int.random(in: -999...999, using: &generator)) / 8)
            case 2: .bool(Bool.random(using: &generator))
            case 3: .int(Int64(bitPattern: generator.next()))
            default:
                .binary(.random(using: &generator) { UInt8.random(in: 0...255, using: &$0) })
            }
        return SpanTag(.random(using: &generator), value)
    }
}

extension UInt64 {
    static func randomWholeMicroseconds(using generator: inout SeededGenerator) -> UInt64 {
        UInt64.random(in: 0...(.max / 1000), using: &generator) * 1000
    }
}

/// Compares spans by the contents of their processes, which are otherwise compared by identity.
func sameContent(_ one: FinishedSpan, _ other: FinishedSpan) -> Bool {
    one.process.serviceName == other.process.serviceName
        && one.process.tags == other.process.tags
        && one.traceID == other.traceID && one.spanID == other.spanID
        && one.parentID == other.parentID && one.flags == other.flags
        && one.operationName == other.operationName && one.references == other.references
        && one.startNanosecondsSinceEpoch == other.startNanosecondsSinceEpoch
        && one.durationNanoseconds == other.durationNanoseconds
        && one.tags == other.tags && one.logs == other.logs
}
