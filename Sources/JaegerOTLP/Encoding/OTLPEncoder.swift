package import JaegerTracing
import SpoorText

/// Spans of one process as the body of one `POST /v1/traces` (`ExportTraceServiceRequest` of OTLP).
///
/// Kind, status, tracestate, counts of what was dropped and names of events are tags in a
/// ``JaegerTracing/FinishedSpan``; here they become the fields that OTLP has for them.
package enum OTLPEncoder {
    /// Puts spans of a process that were encoded by ``JaegerTracing/FinishedSpan/otlpBytes()`` into a request.
    ///
    /// Beside the spans the body has at most ``JaegerTracing/TracedProcess/otlpByteCount`` bytes.
    ///
    /// - Parameter spans: The bytes of the spans, one behind the other.
    package static func encode(encoded spans: [UInt8], of process: TracedProcess) -> [UInt8] {
        encode(encoded: spans, of: process, scope: .spoor)
    }

    /// Encodes the spans in their order, whatever process they name.
    package static func encode(
        _ spans: [FinishedSpan], of process: TracedProcess
    ) -> [UInt8] {
        encode(encoded: spans.flatMap { $0.otlpBytes() }, of: process)
    }

    /// Encodes the spans, with or without statements that our tracer always makes.
    ///
    /// - Parameters:
    ///   - scope: Who made the spans; nil leaves the message out.
    ///   - includesRemoteness: Whether the spans' flags say that they know where the parents were.
    static func encode(
        _ spans: [FinishedSpan], of process: TracedProcess,
        scope: InstrumentationScope?, includesRemoteness: Bool
    ) -> [UInt8] {
        let bytes = spans.flatMap { $0.otlpBytes(includesRemoteness: includesRemoteness) }
        return encode(encoded: bytes, of: process, scope: scope)
    }

    private static func encode(
        encoded spans: [UInt8], of process: TracedProcess, scope: InstrumentationScope?
    ) -> [UInt8] {
        let resource = process.resourceTags
        let resourceByteCount = resource.otlpResourceByteCount
        let scopeSpansByteCount =
            (scope.map { ProtobufSize.lengthDelimited($0.otlpByteCount) } ?? 0) + spans.count
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
            output.append(copying: spans.span)
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

extension [SpanTag] {
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

/// Who made the spans, within a process (`InstrumentationScope` of OTLP).
struct InstrumentationScope: Sendable {
    var name: String
    var version: String

    /// All spans of a tracer are made by this package.
    static let spoor = InstrumentationScope(name: "spoor", version: SpoorVersion.current)

    var otlpByteCount: Int {
        ProtobufSize.optional(string: name) + ProtobufSize.optional(string: version)
    }
}
