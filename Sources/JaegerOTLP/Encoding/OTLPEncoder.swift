package import JaegerTracing

/// Spans of one process as the body of one `POST /v1/traces` (`ExportTraceServiceRequest` of OTLP).
///
/// Kind, status, tracestate, counts of what was dropped and names of events are tags in a
/// ``JaegerTracing/FinishedSpan``; here they become the fields that OTLP has for them.
package enum OTLPEncoder {
    /// Encodes the spans in their order, whatever process they name.
    ///
    /// The body has at most ``JaegerTracing/TracedProcess/otlpByteCount`` bytes, and
    /// ``JaegerTracing/FinishedSpan/otlpByteCount`` for each span.
    package static func encode(
        _ spans: [FinishedSpan], of process: TracedProcess
    ) -> [UInt8] {
        encode(spans, of: process, scope: .spoor, knowsRemoteness: true)
    }

    /// Encodes the spans, with or without statements that our tracer always makes.
    ///
    /// - Parameters:
    ///   - scope: Who made the spans; nil leaves the message out.
    ///   - knowsRemoteness: Whether the spans' flags say that they know where the parents were.
    static func encode(
        _ spans: [FinishedSpan], of process: TracedProcess,
        scope: InstrumentationScope?, knowsRemoteness: Bool
    ) -> [UInt8] {
        let resource = process.resourceTags
        let resourceByteCount = resource.otlpResourceByteCount
        var outlines: [SpanOutline] = []
        outlines.reserveCapacity(spans.count)
        var scopeSpansByteCount =
            scope.map { ProtobufSize.lengthDelimited($0.otlpByteCount) } ?? 0
        let lent = spans.span
        for index in spans.indices {
            let outline = SpanOutline(lent[index], knowsRemoteness: knowsRemoteness)
            scopeSpansByteCount += ProtobufSize.lengthDelimited(outline.byteCount)
            outlines.append(outline)
        }
        let resourceSpansByteCount =
            ProtobufSize.lengthDelimited(resourceByteCount)
            + ProtobufSize.lengthDelimited(scopeSpansByteCount)
        let byteCount = ProtobufSize.lengthDelimited(resourceSpansByteCount)
        return [UInt8](capacity: byteCount) { output in
            output.append(field: 1, messageOf: resourceSpansByteCount)
            output.append(field: 1, messageOf: resourceByteCount)
            for tag in resource {
                output.append(field: 1, attribute: tag)
            }
            output.append(field: 2, messageOf: scopeSpansByteCount)
            if let scope {
                output.append(field: 1, scope)
            }
            let spans = spans.span
            for index in spans.indices {
                output.append(field: 2, spans[index], outlines[index])
            }
        }
    }
}

extension TracedProcess {
    /// How many bytes a request has beside its spans, at the most.
    package var otlpByteCount: Int {
        ProtobufSize.lengthDelimited(resourceTags.otlpResourceByteCount)
            + ProtobufSize.lengthDelimited(InstrumentationScope.spoor.otlpByteCount)
            // Two messages around, with lengths that no memory exceeds.
            + 2 * (ProtobufSize.key + 9)
    }
}

extension [Tag] {
    /// The exact size of `Resource` with these attributes, without key and length before it.
    fileprivate var otlpResourceByteCount: Int {
        var byteCount = 0
        for tag in self {
            byteCount += ProtobufSize.lengthDelimited(tag.otlpByteCount)
        }
        return byteCount
    }
}

extension OutputSpan<UInt8> {
    fileprivate mutating func append(field number: UInt64, _ scope: InstrumentationScope) {
        append(field: number, messageOf: scope.otlpByteCount)
        append(field: 1, optionalString: scope.name)
        append(field: 2, optionalString: scope.version)
    }
}
