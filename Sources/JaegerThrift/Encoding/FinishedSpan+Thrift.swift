package import JaegerTracing

/// Encodes `Span` of jaeger.thrift.
///
/// Encoding cannot fail: the IDL can express everything that the record types can hold.
extension FinishedSpan {
    /// The exact size of the encoded struct in bytes; cheap, for limiting queues and batches.
    package var thriftByteCount: Int {
        // Four ids, the start and the duration; then the flags.
        var byteCount = 6 * ThriftSize.int64 + ThriftSize.int32 + ThriftSize.stop
        byteCount += ThriftSize.string(operationName)
        if !references.isEmpty {
            byteCount += ThriftSize.listHeader + references.count * ThriftSize.reference
        }
        byteCount += tags.thriftOptionalByteCount
        if !logs.isEmpty {
            byteCount += ThriftSize.listHeader
            let logs = logs.span
            for index in logs.indices {
                byteCount += ThriftSize.int64 + logs[index].fields.thriftByteCount + ThriftSize.stop
            }
        }
        return byteCount
    }

    /// Returns the encoded struct.
    package func thriftBytes() -> [UInt8] {
        [UInt8](capacity: thriftByteCount) { output in output.append(self) }
    }
}

extension [FinishedSpan] {
    /// The exact size of the encoded structs, concatenated, in bytes.
    package var thriftByteCount: Int {
        // A span that is read from the array would be copied part by part, so they are borrowed.
        var byteCount = 0
        for index in indices { byteCount += span[index].thriftByteCount }
        return byteCount
    }
}

extension ThriftSize {
    /// A `SpanRef` has only fields of fixed size.
    fileprivate static let reference = int32 + 3 * int64 + stop
}

extension OutputSpan<UInt8> {
    mutating func append(_ span: FinishedSpan) {
        append(field: 1, int64: Int64(bitPattern: span.traceID.low))
        append(field: 2, int64: Int64(bitPattern: span.traceID.high))
        append(field: 3, int64: Int64(bitPattern: span.spanID.value))
        append(field: 4, int64: Int64(bitPattern: span.parentID?.value ?? 0))
        append(field: 5, string: span.operationName)
        append(field: 6, optionalReferences: span.references)
        append(field: 7, int32: Int32(span.flags.rawValue))
        append(field: 8, microsecondsOf: span.startNanosecondsSinceEpoch)
        append(field: 9, microsecondsOf: span.durationNanoseconds)
        append(field: 10, optionalTags: span.tags)
        append(field: 11, optionalLogs: span.logs)
        appendStop()
    }

    /// Appends an instant or a duration in microseconds, rounded down.
    @inline(__always)
    private mutating func append(field id: Int16, microsecondsOf nanoseconds: UInt64) {
        // A thousandth of 64 bits always fits in the signed 64 bits of the wire.
        append(field: id, int64: Int64(truncatingIfNeeded: nanoseconds / 1000))
    }

    @inline(__always)
    private mutating func append(field id: Int16, optionalReferences references: [SpanReference]) {
        guard !references.isEmpty else { return }
        append(field: id, structures: references.count)
        for reference in references {
            append(field: 1, int32: reference.kind == .childOf ? 0 : 1)
            append(field: 2, int64: Int64(bitPattern: reference.traceID.low))
            append(field: 3, int64: Int64(bitPattern: reference.traceID.high))
            append(field: 4, int64: Int64(bitPattern: reference.spanID.value))
            appendStop()
        }
    }

    @inline(__always)
    private mutating func append(field id: Int16, optionalLogs logs: [SpanLog]) {
        guard !logs.isEmpty else { return }
        append(field: id, structures: logs.count)
        let logs = logs.span
        for index in logs.indices {
            append(field: 1, microsecondsOf: logs[index].nanosecondsSinceEpoch)
            append(field: 2, tags: logs[index].fields)
            appendStop()
        }
    }
}
