import JaegerTracing
import SpoorHTTP
import SpoorText

/// Writes the parts of a trace in the JSON of Jaeger's query API, which its page and many tools read.
extension JSONWriter {
    /// Writes a process, in the object of the processes of a trace.
    mutating func process(_ process: TracedProcess) {
        object { writer in
            writer.member("serviceName", process.serviceName)
            writer.key("tags")
            writer.array(of: process.tags) { $0.tag($1) }
        }
    }

    /// Writes a span; its process is referred to by name.
    mutating func span(_ adjusted: AdjustedSpan, processName: String) {
        let span = adjusted.span
        object { writer in
            writer.member("traceID", span.traceID.description)
            writer.member("spanID", span.spanID.description)
            if !span.flags.isEmpty {
                writer.member("flags", span.flags.rawValue)
            }
            writer.member("operationName", span.operationName)
            writer.key("references")
            writer.array(of: span.referencesWithParent) { $0.reference($1) }
            writer.member("startTime", span.startNanosecondsSinceEpoch / 1000)
            writer.member("duration", span.durationNanoseconds / 1000)
            writer.key("tags")
            writer.array(of: span.tags) { $0.tag($1) }
            writer.key("logs")
            writer.array(of: span.logs) { $0.log($1) }
            writer.member("processID", processName)
            writer.key("warnings")
            writer.warnings(adjusted.warnings)
        }
    }

    /// Writes texts, or null if there are none, as Jaeger does.
    mutating func warnings(_ warnings: [String]) {
        guard !warnings.isEmpty else { return null() }
        array(of: warnings) { $0.string($1) }
    }

    private mutating func reference(_ reference: SpanReference) {
        object { writer in
            writer.member("refType", reference.kind == .childOf ? "CHILD_OF" : "FOLLOWS_FROM")
            writer.member("traceID", reference.traceID.description)
            writer.member("spanID", reference.spanID.description)
        }
    }

    private mutating func log(_ log: SpanLog) {
        object { writer in
            writer.member("timestamp", log.nanosecondsSinceEpoch / 1000)
            writer.key("fields")
            writer.array(of: log.fields) { $0.tag($1) }
        }
    }

    private mutating func tag(_ tag: SpanTag) {
        object { writer in
            writer.member("key", tag.key)
            writer.key("type")
            switch tag.value {
            case .string(let text):
                writer.string("string")
                writer.member("value", text)
            case .bool(let truth):
                writer.string("bool")
                writer.key("value")
                writer.bool(truth)
            case .int(let number):
                writer.string("int64")
                writer.key("value")
                // Beyond 2^53 - 1 a browser's numbers lose digits, so Jaeger sends a text.
                if number.magnitude < 1 << 53 {
                    writer.integer(number)
                } else {
                    writer.string(String(number))
                }
            case .double(let number):
                writer.string("float64")
                writer.key("value")
                if number.isFinite {
                    writer.number(number)
                } else {
                    writer.string(number.isNaN ? "NaN" : number > 0 ? "+Inf" : "-Inf")
                }
            case .binary(let bytes):
                writer.string("binary")
                writer.member("value", Base64.standard.encode(bytes))
            case .array:
                // Jaeger's JSON has no type for arrays; they are shown as Thrift would send them.
                writer.string("string")
                writer.member("value", tag.value.text)
            }
        }
    }
}

extension FinishedSpan {
    /// The references with the parent, which Jaeger's JSON represents as a CHILD_OF reference, first unless it is
    /// present.
    fileprivate var referencesWithParent: [SpanReference] {
        guard let parentID else { return references }
        let parent = SpanReference(.childOf, traceID: traceID, spanID: parentID)
        let containsParent = references.contains {
            $0.kind == .childOf && $0.traceID == traceID && $0.spanID == parentID
        }
        return containsParent ? references : [parent] + references
    }
}
