package import JaegerTracing
import SpoorText

/// Encodes `Span` of OTLP.
///
/// Encoding cannot fail: OTLP can express everything that the record types can hold.
extension FinishedSpan {
    /// Returns the bytes that the span adds to a request: an element of `ScopeSpans.spans`, including its key and
    /// length.
    package func otlpBytes() -> [UInt8] { otlpBytes(includesRemoteness: true) }

    /// - Parameter includesRemoteness: Whether the flags contain whether the parent is remote.
    func otlpBytes(includesRemoteness: Bool) -> [UInt8] {
        let layout = SpanLayout(self, includesRemoteness: includesRemoteness)
        return [UInt8](capacity: ProtobufSize.lengthDelimited(layout.byteCount)) { output in
            output.append(field: 2, self, layout)
        }
    }
}

extension OutputSpan<UInt8> {
    /// Appends a span of a scope, with its layout.
    mutating func append(field number: UInt64, _ span: FinishedSpan, _ layout: SpanLayout) {
        append(field: number, messageOf: layout.byteCount)
        append(field: 1, span.traceID)
        append(field: 2, span.spanID)
        if let traceState = layout.text(at: layout.traceState, of: span) {
            append(field: 3, optionalString: traceState)
        }
        if let parentID = layout.parentID {
            append(field: 4, parentID)
        }
        append(field: 5, optionalString: span.operationName)
        append(field: 6, optionalVarint: layout.kind)
        append(field: 7, optionalFixed64: span.startNanosecondsSinceEpoch)
        append(field: 8, optionalFixed64: span.otlpEndNanosecondsSinceEpoch)
        for tag in span.tags where tag.mapped == nil {
            append(field: 9, attribute: tag)
        }
        for attribute in span.flagAttributes { append(field: 9, attribute: attribute) }
        append(field: 10, optionalVarint: layout.droppedTagCount)
        for log in span.logs {
            append(field: 11, event: log)
        }
        append(field: 12, optionalVarint: layout.droppedLogCount)
        for reference in span.references where layout.isLink(reference, of: span) {
            append(field: 13, link: reference)
        }
        append(field: 14, optionalVarint: layout.droppedReferenceCount)
        if let byteCount = layout.statusByteCount(of: span) {
            append(field: 15, messageOf: byteCount)
            append(
                field: 2, optionalString: layout.text(at: layout.statusMessage, of: span) ?? "")
            append(field: 3, optionalVarint: layout.statusCode)
        }
        append(field: 16, optionalFixed32: layout.flags)
    }

    /// A trace id has sixteen bytes, even if 64 bits suffice.
    @inline(__always)
    mutating func append(field number: UInt64, _ id: TraceID) {
        append(field: number, messageOf: 16)
        append(bigEndian: id.high)
        append(bigEndian: id.low)
    }

    @inline(__always)
    mutating func append(field number: UInt64, _ id: SpanID) {
        append(field: number, messageOf: 8)
        append(bigEndian: id.value)
    }
}
