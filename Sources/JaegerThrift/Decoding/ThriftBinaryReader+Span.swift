package import JaegerTracing

/// `Span` of jaeger.thrift with its references and logs.
///
/// Instants and durations below zero become zero: clocks of clients step backwards.
extension ThriftBinaryReader {
    /// Ten fields of fixed size, an operation name of no bytes, and the stop.
    private static let minimumSpanByteCount = 6 * (3 + 8) + 2 * (3 + 4) + 1

    /// The spans of a batch, all made by one process.
    package mutating func spans(of process: TracedProcess) throws(ThriftError) -> [FinishedSpan] {
        let count = try structureCount(minimumByteCount: Self.minimumSpanByteCount)
        var spans: [FinishedSpan] = []
        spans.reserveCapacity(count)
        for _ in 0..<count {
            spans.append(try span(of: process))
        }
        return spans
    }

    package mutating func span(of process: TracedProcess) throws(ThriftError) -> FinishedSpan {
        var traceIDLow: UInt64?
        var traceIDHigh: UInt64?
        var spanID: UInt64?
        var parentID: UInt64?
        var operationName: String?
        var references: [SpanReference] = []
        var flags: Int32?
        var start: UInt64?
        var duration: UInt64?
        var tags: [Tag] = []
        var logs: [SpanLog] = []
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int64): traceIDLow = try bits()
            case (2, .int64): traceIDHigh = try bits()
            case (3, .int64): spanID = try bits()
            case (4, .int64): parentID = try bits()
            case (5, .string): operationName = try string()
            case (6, .list): references = try self.references()
            case (7, .int32): flags = try int32()
            case (8, .int64): start = try nanosecondsOfMicroseconds()
            case (9, .int64): duration = try nanosecondsOfMicroseconds()
            case (10, .list): tags = try self.tags()
            case (11, .list): logs = try self.logs()
            default: try skip(field.type)
            }
        }
        let low = try required(traceIDLow, "Span.traceIdLow")
        let high = try required(traceIDHigh, "Span.traceIdHigh")
        let id = try required(spanID, "Span.spanId")
        let parent = SpanID(try required(parentID, "Span.parentSpanId"))
        return FinishedSpan(
            process: process,
            traceID: TraceID(high: high, low: low),
            spanID: SpanID(id),
            parentID: parent.isValid ? parent : nil,
            flags: TraceFlags(
                rawValue: UInt8(truncatingIfNeeded: try required(flags, "Span.flags"))),
            operationName: try required(operationName, "Span.operationName"),
            references: references,
            startNanosecondsSinceEpoch: try required(start, "Span.startTime"),
            durationNanoseconds: try required(duration, "Span.duration"),
            tags: tags,
            logs: logs
        )
    }

    // MARK: References

    private mutating func references() throws(ThriftError) -> [SpanReference] {
        // The type and three ids, and the stop.
        let count = try structureCount(minimumByteCount: (3 + 4) + 3 * (3 + 8) + 1)
        var references: [SpanReference] = []
        references.reserveCapacity(count)
        for _ in 0..<count {
            references.append(try reference())
        }
        return references
    }

    private mutating func reference() throws(ThriftError) -> SpanReference {
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
            // A type that is not known claims no more than a cause.
            try required(type, "SpanRef.refType") == 0 ? .childOf : .followsFrom,
            traceID: TraceID(high: traceIDHigh, low: traceIDLow),
            spanID: SpanID(try required(spanID, "SpanRef.spanId"))
        )
    }

    // MARK: Logs

    private mutating func logs() throws(ThriftError) -> [SpanLog] {
        // The instant, a list of no fields, and the stop.
        let count = try structureCount(minimumByteCount: (3 + 8) + (3 + 5) + 1)
        var logs: [SpanLog] = []
        logs.reserveCapacity(count)
        for _ in 0..<count {
            logs.append(try log())
        }
        return logs
    }

    private mutating func log() throws(ThriftError) -> SpanLog {
        var timestamp: UInt64?
        var fields: [Tag]?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int64): timestamp = try nanosecondsOfMicroseconds()
            case (2, .list): fields = try tags()
            default: try skip(field.type)
            }
        }
        return SpanLog(
            nanosecondsSinceEpoch: try required(timestamp, "Log.timestamp"),
            fields: try required(fields, "Log.fields")
        )
    }

    // MARK: Numbers

    /// An id: the wire's signed integer is only its carrier.
    private mutating func bits() throws(ThriftError) -> UInt64 {
        UInt64(bitPattern: try int64())
    }

    private mutating func nanosecondsOfMicroseconds() throws(ThriftError) -> UInt64 {
        let microseconds = UInt64(max(0, try int64()))
        let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : nanoseconds
    }
}
