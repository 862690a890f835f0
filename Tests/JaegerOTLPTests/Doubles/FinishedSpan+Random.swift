import JaegerTracing
import TestSupport

extension FinishedSpan {
    /// Returns a random span of any shape that the wire format can represent without loss.
    static func random(
        of process: TracedProcess, using generator: inout SeededGenerator
    ) -> FinishedSpan {
        let start = UInt64.random(in: 0...(.max / 2), using: &generator)
        let parentID = Bool.random(using: &generator) ? SpanID(generator.next() | 1) : nil
        return FinishedSpan(
            process: process,
            traceID: TraceID(high: generator.next(), low: generator.next() | 1),
            spanID: SpanID(generator.next() | 1),
            parentID: parentID, isParentRemote: Bool.random(using: &generator),
            flags: TraceFlags(rawValue: UInt8.random(in: 0...15, using: &generator))
                .intersection([.sampled, .debug, .firehose]),
            hasRandomTraceID: Bool.random(using: &generator),
            operationName: .random(using: &generator),
            references: .random(using: &generator, element: SpanReference.random),
            startNanosecondsSinceEpoch: start,
            durationNanoseconds: UInt64.random(in: 0...(.max / 2), using: &generator),
            tags: .random(using: &generator, element: SpanTag.random) + mapped(using: &generator),
            logs: .random(using: &generator) { generator in
                SpanLog(
                    nanosecondsSinceEpoch: generator.next(),
                    fields: [SpanTag("event", .string("e" + .random(using: &generator)))]
                        + .unique(using: &generator)
                        + some(SpanTag("otel.dropped_attributes_count", 3), using: &generator))
            }
        )
    }

    /// Returns some of the tags that are fields, in the order of the decoder.
    private static func mapped(using generator: inout SeededGenerator) -> [SpanTag] {
        let kinds = ["internal", "server", "client", "producer", "consumer"]
        let kind = kinds.randomElement(using: &generator) ?? ""
        let statuses: [[SpanTag]] = [
            [], [SpanTag("otel.status_code", "OK")],
            [SpanTag("error", true), SpanTag("otel.status_code", "ERROR")],
        ]
        return some(SpanTag("span.kind", .string(kind)), using: &generator)
            + (statuses.randomElement(using: &generator) ?? [])
            + some(
                SpanTag(
                    "otel.status_description",
                    .string(String(repeating: "what went wrong ", count: 20))), using: &generator)
            + some(SpanTag("w3c.tracestate", "a=b,c=d"), using: &generator)
            + some(SpanTag("otel.dropped_attributes_count", 1), using: &generator)
            + some(SpanTag("otel.dropped_events_count", 200), using: &generator)
            + some(SpanTag("otel.dropped_links_count", 4_294_967_295), using: &generator)
    }
}

private func some(_ tag: SpanTag, using generator: inout SeededGenerator) -> [SpanTag] {
    Bool.random(using: &generator) ? [tag] : []
}

extension SpanReference {
    static func random(using generator: inout SeededGenerator) -> SpanReference {
        SpanReference(
            Bool.random(using: &generator) ? .childOf : .followsFrom,
            traceID: TraceID(high: generator.next(), low: generator.next() | 1),
            spanID: SpanID(generator.next() | 1),
            flags: Bool.random(using: &generator) ? .sampled : [],
            hasRandomTraceID: Bool.random(using: &generator),
            isRemote: [nil, true, false].randomElement(using: &generator) ?? nil,
            tags: .random(using: &generator, element: SpanTag.random)
                + some(SpanTag("otel.dropped_attributes_count", 2), using: &generator),
            traceState: Bool.random(using: &generator) ? "k=v" : nil)
    }
}

extension SpanTag {
    static func random(using generator: inout SeededGenerator) -> SpanTag {
        SpanTag("k" + .random(using: &generator), .random(depth: 2, using: &generator))
    }
}

extension [SpanTag] {
    /// Returns tags with different keys, none of which is lost on the wire.
    static func unique(using generator: inout SeededGenerator) -> [SpanTag] {
        random(using: &generator, element: SpanTag.random).enumerated().map { index, tag in
            SpanTag("\(index)" + tag.key, tag.value)
        }
    }
}

extension TagValue {
    static func random(depth: Int, using generator: inout SeededGenerator) -> TagValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 5), using: &generator) {
        case 0: .string(.random(using: &generator))
        case 1: .double(Double(Int.random(in: -999...999, using: &generator)) / 8)
        case 2: .bool(Bool.random(using: &generator))
        case 3: .int(Int64(bitPattern: generator.next()) >> Int64(generator.next() & 63))
        case 4: .binary(.random(using: &generator) { UInt8.random(in: 0...255, using: &$0) })
        default: .array(.random(using: &generator) { random(depth: depth - 1, using: &$0) })
        }
    }
}

/// Compares spans by the contents of their processes, which are otherwise compared by identity.
func sameContent(_ one: FinishedSpan, _ other: FinishedSpan) -> Bool {
    one.traceID == other.traceID && one.spanID == other.spanID
        && one.parentID == other.parentID && one.isParentRemote == other.isParentRemote
        && one.flags == other.flags && one.hasRandomTraceID == other.hasRandomTraceID
        && one.operationName == other.operationName && one.references == other.references
        && one.startNanosecondsSinceEpoch == other.startNanosecondsSinceEpoch
        && one.durationNanoseconds == other.durationNanoseconds
        && one.tags == other.tags && one.logs == other.logs
}
