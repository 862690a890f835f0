package import JaegerTracing
import SpoorText

/// A decoded body of `POST /v1/traces`: spans of any number of processes (`ExportTraceServiceRequest`).
///
/// The spans are in Jaeger's model: what ``OTLPEncoder`` encodes as fields becomes tags again, and events become logs.
/// The values of a scope become tags of each of its spans, and are truncated therefore: memory is at most about forty
/// times the size of the body, and messages are limited by ``ProtobufReader/maxMessageCount``. Meaningless elements
/// (attributes without key, links without a span) are dropped.
package struct OTLPExportRequest: Sendable {
    /// The spans of one process.
    package struct Batch: Sendable {
        /// The service that created all ``spans``.
        package var process: TracedProcess
        /// The spans, each referring to ``process``; at least one.
        package var spans: [FinishedSpan]
    }

    /// The spans with valid ids, by process, in wire order.
    package private(set) var batches: [Batch] = []
    /// The number of spans that were rejected because an id is zero or has the wrong length.
    package private(set) var rejectedSpanCount = 0

    /// Decodes a body.
    ///
    /// One malformed message makes the whole body invalid, because the bytes after it cannot be interpreted.
    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        var request = ProtobufReader(bytes)
        while let field = try request.field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): try readResourceSpans(try request.message())
            default: try request.skip(field.type)
            }
        }
    }

    private mutating func readResourceSpans(_ message: ProtobufReader) throws(MalformedBytes) {
        // Fields may be in any order: the process is searched first.
        var first = message
        let process = try first.process()
        var spans: [FinishedSpan] = []
        var message = message
        while let field = try message.field() {
            switch (field.number, field.type) {
            case (2, .lengthDelimited):
                try readScopeSpans(try message.message(), of: process, into: &spans)
            default: try message.skip(field.type)
            }
        }
        if !spans.isEmpty { batches.append(Batch(process: process, spans: spans)) }
    }

    private mutating func readScopeSpans(
        _ message: ProtobufReader, of process: TracedProcess, into spans: inout [FinishedSpan]
    ) throws(MalformedBytes) {
        var first = message
        let scopeTags = try first.scopeTags()
        var message = message
        while let field = try message.field() {
            switch (field.number, field.type) {
            case (2, .lengthDelimited):
                var reader = try message.message()
                if let span = try reader.span(of: process, scopeTags: scopeTags) {
                    spans.append(span)
                } else {
                    rejectedSpanCount += 1
                }
            default: try message.skip(field.type)
            }
        }
    }
}

extension ProtobufReader {
    /// The name of a process without a name (OpenTelemetry's conventions for resources).
    private static let defaultServiceName = "unknown_service"

    /// Returns the process of a `ResourceSpans`: its name is an attribute, the other attributes become tags.
    fileprivate mutating func process() throws(MalformedBytes) -> TracedProcess {
        var attributes: [SpanTag] = []
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited):
                var resource = try message()
                attributes += try resource.attributes(inField: 1)
            default: try skip(field.type)
            }
        }
        var name = Self.defaultServiceName
        if let index = attributes.firstIndex(where: {
            $0.key.isExactly(TracedProcess.serviceNameKey)
        }) {
            let text = attributes.remove(at: index).value.text
            if !text.isEmpty { name = text }
        }
        return TracedProcess(serviceName: name, tags: attributes)
    }

    /// Returns the tags that the scope of a `ScopeSpans` adds to each of its spans (OpenTelemetry's mapping to other
    /// formats): name, version, and the first attributes, prefixed with `otel.scope.`, each truncated to
    /// ``maxScopeTextBytes``.
    fileprivate mutating func scopeTags() throws(MalformedBytes) -> [SpanTag] {
        var name = ""
        var version = ""
        var attributes: [SpanTag] = []
        while let field = try field() {
            guard field.number == 1, field.type == .lengthDelimited else {
                try skip(field.type)
                continue
            }
            var scope = try message()
            while let field = try scope.field() {
                switch (field.number, field.type) {
                case (1, .lengthDelimited): name = try scope.string()
                case (2, .lengthDelimited): version = try scope.string()
                case (3, .lengthDelimited) where attributes.count < Self.maxScopeAttributes:
                    try scope.appendAttribute(to: &attributes)
                default: try scope.skip(field.type)
                }
            }
        }
        var tags: [SpanTag] = []
        if !name.isEmpty { tags.append(SpanTag("otel.scope.name", .string(Self.truncated(name)))) }
        if !version.isEmpty {
            tags.append(SpanTag("otel.scope.version", .string(Self.truncated(version))))
        }
        for attribute in attributes {
            tags.appendIfAbsent(
                "otel.scope." + Self.truncated(attribute.key), Self.truncated(attribute.value))
        }
        return tags
    }

    /// The maximum number of attributes of a scope that are kept, because each is copied to all of its spans.
    private static let maxScopeAttributes = 8

    /// The maximum number of bytes of the name and the version of a scope, and of the key and the value of an
    /// attribute.
    private static let maxScopeTextBytes = 256

    private static func truncated(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > maxScopeTextBytes else { return text }
        // The end moves back to the start of the scalar that contains it.
        let end = bytes.index(bytes.startIndex, offsetBy: maxScopeTextBytes)
        return String(text.unicodeScalars[..<end])
    }

    /// A long array is replaced by the start of its text.
    private static func truncated(_ value: TagValue) -> TagValue {
        switch value {
        case .string(let text): return .string(truncated(text))
        case .binary(let bytes): return .binary(Array(bytes.prefix(maxScopeTextBytes)))
        case .array:
            let text = value.text
            return text.utf8.count > maxScopeTextBytes ? .string(truncated(text)) : value
        case .bool, .int, .double: return value
        }
    }
}
