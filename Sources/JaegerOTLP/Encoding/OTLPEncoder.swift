package import JaegerTracing
import SpoorText

/// Encodes spans of one process as the body of one `POST /v1/traces` (`ExportTraceServiceRequest` of OTLP).
///
/// Kind, status, tracestate, counts of dropped items and event names are tags in a ``JaegerTracing/FinishedSpan``; here
/// they become the fields that OTLP defines for them.
package enum OTLPEncoder {
    /// Creates a request of spans that were encoded by ``JaegerTracing/FinishedSpan/otlpBytes()``.
    ///
    /// In addition to the spans the body has at most ``JaegerTracing/TracedProcess/otlpByteCount`` bytes.
    ///
    /// - Parameter spans: The bytes of the spans, concatenated.
    package static func encode(encoded spans: [UInt8], of process: TracedProcess) -> [UInt8] {
        encode(encoded: spans, of: process, scope: .spoor)
    }

    /// Encodes the spans in their order, regardless of the process that they refer to.
    package static func encode(
        _ spans: [FinishedSpan], of process: TracedProcess
    ) -> [UInt8] {
        encode(encoded: spans.flatMap { $0.otlpBytes() }, of: process)
    }

    /// Encodes the spans, with or without values that this tracer always sends.
    ///
    /// - Parameters:
    ///   - scope: The instrumentation scope; nil omits the message.
    ///   - includesRemoteness: Whether the spans' flags contain whether the parents are remote.
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
    /// The maximum size of a request without its spans, in bytes.
    package var otlpByteCount: Int {
        ProtobufSize.lengthDelimited(resourceTags.otlpResourceByteCount)
            + ProtobufSize.lengthDelimited(InstrumentationScope.spoor.otlpByteCount)
            // The two enclosing messages, with lengths that no memory exceeds.
            + 2 * (ProtobufSize.key + 9)
    }
}

extension [SpanTag] {
    /// The exact size of `Resource` with these attributes, without its key and length.
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

/// The instrumentation scope within a process (`InstrumentationScope` of OTLP).
struct InstrumentationScope: Sendable {
    var name: String
    var version: String

    /// The scope of all spans of this package's tracer.
    static let spoor = InstrumentationScope(name: "spoor", version: SpoorVersion.current)

    var otlpByteCount: Int {
        ProtobufSize.optional(string: name) + ProtobufSize.optional(string: version)
    }
}
