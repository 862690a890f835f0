import JaegerTracing

/// Decodes `Span` of jaeger.thrift with its references and logs.
///
/// A span is validated first, without an allocation, and decoded later, if at all. Negative instants and durations
/// become zero, because clocks of clients step backwards.
extension ThriftBinaryReader {
    /// Ten fields of fixed size, an empty operation name, and the stop byte.
    private static let minimumSpanByteCount = 6 * (3 + 8) + 2 * (3 + 4) + 1

    /// Validates the list of a batch's spans.
    mutating func spanOutlines() throws(MalformedBytes) -> [SpanOutline] {
        try spanOutlines(count: try structureCount(minimumByteCount: Self.minimumSpanByteCount))
    }

    /// Validates consecutive spans.
    mutating func spanOutlines(count: Int) throws(MalformedBytes) -> [SpanOutline] {
        var outlines: [SpanOutline] = []
        outlines.reserveCapacity(count)
        for _ in 0..<count {
            outlines.append(try spanOutline())
        }
        return outlines
    }

    /// Validates a span; all errors are found here.
    private mutating func spanOutline() throws(MalformedBytes) -> SpanOutline {
        let begin = offset
        var traceIDLow: UInt64?
        var traceIDHigh: UInt64?
        var spanID: UInt64?
        var parentID: UInt64?
        var operationName: Range<Int>?
        var references: Int?
        var flags: Int32?
        var start: UInt64?
        var duration: Int64?
        var tags: Int?
        var spanKind: Range<Int>?
        var logs: Int?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int64): traceIDLow = try bits()
            case (2, .int64): traceIDHigh = try bits()
            case (3, .int64): spanID = try bits()
            case (4, .int64): parentID = try bits()
            case (5, .string): operationName = try lengthPrefixed()
            case (6, .list):
                references = offset
                try scanReferences()
            case (7, .int32): flags = try int32()
            case (8, .int64): start = try nanosecondsOfMicroseconds()
            case (9, .int64): duration = try int64()
            case (10, .list):
                tags = offset
                spanKind = try scanTags()
            case (11, .list):
                logs = offset
                try scanLogs()
            default: try skip(field.type)
            }
        }
        let microseconds = try required(duration, "Span.duration")
        let low = try required(traceIDLow, "Span.traceIdLow")
        let high = try required(traceIDHigh, "Span.traceIdHigh")
        return SpanOutline(
            bytes: begin..<offset,
            traceID: TraceID(high: high, low: low),
            spanID: SpanID(try required(spanID, "Span.spanId")),
            operationName: string(in: try required(operationName, "Span.operationName")),
            spanKind: spanKind.map { string(in: $0) } ?? "",
            startNanosecondsSinceEpoch: try required(start, "Span.startTime"),
            parentID: SpanID(try required(parentID, "Span.parentSpanId")),
            flags: try required(flags, "Span.flags"),
            durationNanoseconds: Self.nanoseconds(microseconds),
            negativeDurationNanoseconds: microseconds < 0
                ? Self.nanoseconds(Int64(clamping: microseconds.magnitude)) : 0,
            references: references,
            tags: tags,
            logs: logs
        )
    }

    /// Decodes a span.
    mutating func span(of process: TracedProcess) throws(MalformedBytes) -> FinishedSpan {
        let outline = try spanOutline()
        var tags = try list(at: outline.tags) { (reader) throws(MalformedBytes) in
            try reader.tags()
        }
        if outline.negativeDurationNanoseconds > 0 {
            tags.append(.negativeDuration(nanoseconds: outline.negativeDurationNanoseconds))
        }
        return FinishedSpan(
            process: process,
            traceID: outline.traceID,
            spanID: outline.spanID,
            parentID: outline.parentID.isValid ? outline.parentID : nil,
            flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: outline.flags)),
            operationName: outline.operationName,
            references: try list(at: outline.references) { (reader) throws(MalformedBytes) in
                try reader.references()
            },
            startNanosecondsSinceEpoch: outline.startNanosecondsSinceEpoch,
            durationNanoseconds: outline.durationNanoseconds,
            tags: tags,
            logs: try list(at: outline.logs) { (reader) throws(MalformedBytes) in
                try reader.logs()
            }
        )
    }

    /// Returns a list of a validated span; empty if the span has none.
    private func list<Element>(
        at offset: Int?, _ read: (inout Self) throws(MalformedBytes) -> [Element]
    ) throws(MalformedBytes) -> [Element] {
        guard let offset else { return [] }
        var reader = self
        reader.offset = offset
        return try read(&reader)
    }

    // MARK: References

    /// The type, three ids, and the stop byte.
    private static let minimumReferenceByteCount = (3 + 4) + 3 * (3 + 8) + 1

    private mutating func scanReferences() throws(MalformedBytes) {
        for _ in 0..<(try structureCount(minimumByteCount: Self.minimumReferenceByteCount)) {
            _ = try reference()
        }
    }

    private mutating func references() throws(MalformedBytes) -> [SpanReference] {
        let count = try structureCount(minimumByteCount: Self.minimumReferenceByteCount)
        var references: [SpanReference] = []
        references.reserveCapacity(count)
        for _ in 0..<count {
            references.append(try reference())
        }
        return references
    }

    private mutating func reference() throws(MalformedBytes) -> SpanReference {
        var type: Int32?
        var low: UInt64?
        var high: UInt64?
        var spanID: UInt64?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int32): type = try int32()
            case (2, .int64): low = try bits()
            case (3, .int64): high = try bits()
            case (4, .int64): spanID = try bits()
            default: try skip(field.type)
            }
        }
        let traceIDLow = try required(low, "SpanRef.traceIdLow")
        let traceIDHigh = try required(high, "SpanRef.traceIdHigh")
        return SpanReference(
            // An unknown type is treated as the weaker relation.
            try required(type, "SpanRef.refType") == 0 ? .childOf : .followsFrom,
            traceID: TraceID(high: traceIDHigh, low: traceIDLow),
            spanID: SpanID(try required(spanID, "SpanRef.spanId"))
        )
    }

    // MARK: Logs

    /// The instant, a list without fields, and the stop byte.
    private static let minimumLogByteCount = (3 + 8) + (3 + 5) + 1

    private mutating func scanLogs() throws(MalformedBytes) {
        for _ in 0..<(try structureCount(minimumByteCount: Self.minimumLogByteCount)) {
            _ = try logFields()
        }
    }

    private mutating func logs() throws(MalformedBytes) -> [SpanLog] {
        let count = try structureCount(minimumByteCount: Self.minimumLogByteCount)
        var logs: [SpanLog] = []
        logs.reserveCapacity(count)
        for _ in 0..<count {
            let (instant, fields) = try logFields()
            logs.append(
                SpanLog(
                    nanosecondsSinceEpoch: instant,
                    fields: try list(at: fields) { (reader) throws(MalformedBytes) in
                        try reader.tags()
                    }))
        }
        return logs
    }

    /// Returns the instant of a log, and the offset of the list of its fields.
    private mutating func logFields() throws(MalformedBytes) -> (instant: UInt64, fields: Int) {
        var timestamp: UInt64?
        var fields: Int?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int64): timestamp = try nanosecondsOfMicroseconds()
            case (2, .list):
                fields = offset
                _ = try scanTags()
            default: try skip(field.type)
            }
        }
        return (
            try required(timestamp, "Log.timestamp"), try required(fields, "Log.fields")
        )
    }

    // MARK: Numbers

    /// Reads an id, which is encoded as a signed integer.
    private mutating func bits() throws(MalformedBytes) -> UInt64 {
        UInt64(bitPattern: try int64())
    }

    private mutating func nanosecondsOfMicroseconds() throws(MalformedBytes) -> UInt64 {
        Self.nanoseconds(try int64())
    }

    private static func nanoseconds(_ microseconds: Int64) -> UInt64 {
        let (nanoseconds, overflow) = UInt64(max(0, microseconds))
            .multipliedReportingOverflow(by: 1000)
        return overflow ? .max : nanoseconds
    }
}
