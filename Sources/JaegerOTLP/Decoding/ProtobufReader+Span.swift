import JaegerTracing
import SpoorText

/// Decodes `Span` of OTLP with its status into Jaeger's model.
extension ProtobufReader {
    /// Decodes this message as a span; nil if its ids are invalid.
    mutating func span(
        of process: TracedProcess, scopeTags: [SpanTag]
    ) throws(MalformedBytes) -> FinishedSpan? {
        var span = FinishedSpan(
            process: process, traceID: TraceID(low: 0), spanID: SpanID(0), flags: [],
            operationName: "", startNanosecondsSinceEpoch: 0, durationNanoseconds: 0)
        var mapped = MappedFields()
        var end: UInt64 = 0
        var hasGoodIDs = true
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): span.traceID = try traceID()
            case (2, .lengthDelimited): span.spanID = try spanID() ?? SpanID(0)
            case (3, .lengthDelimited): mapped.traceState = try string()
            case (4, .lengthDelimited):
                let parentID = try optionalSpanID()
                hasGoodIDs = hasGoodIDs && parentID != nil
                span.parentID = parentID.flatMap { $0.isValid ? $0 : nil }
            case (5, .lengthDelimited): span.operationName = try string()
            case (6, .varint): mapped.kind = try varint()
            case (7, .fixed64): span.startNanosecondsSinceEpoch = try fixed64()
            case (8, .fixed64): end = try fixed64()
            case (9, .lengthDelimited): try appendAttribute(to: &span.tags)
            case (10, .varint): mapped.droppedTagCount = try varint()
            case (11, .lengthDelimited):
                var event = try message()
                span.logs.append(try event.log())
            case (12, .varint): mapped.droppedLogCount = try varint()
            case (13, .lengthDelimited):
                var link = try message()
                if let reference = try link.reference() { span.references.append(reference) }
            case (14, .varint): mapped.droppedReferenceCount = try varint()
            case (15, .lengthDelimited):
                var status = try message()
                try status.readStatus(into: &mapped)
            case (16, .fixed32):
                let flags = OTLPFlags.read(try fixed32())
                span.flags = flags.flags
                span.hasRandomTraceID = flags.hasRandomTraceID
                span.isParentRemote = flags.isRemote ?? false
            default: try skip(field.type)
            }
        }
        guard hasGoodIDs, span.traceID.isValid, span.spanID.isValid else { return nil }
        // Clocks of clients step backwards.
        span.durationNanoseconds =
            max(end, span.startNanosecondsSinceEpoch)
            - span.startNanosecondsSinceEpoch
        if end < span.startNanosecondsSinceEpoch {
            span.tags.append(
                .negativeDuration(nanoseconds: span.startNanosecondsSinceEpoch - end))
        }
        span.takeFlagAttributes()
        mapped.append(to: &span.tags)
        for tag in scopeTags { span.tags.appendIfAbsent(tag.key, tag.value) }
        return span
    }

    private mutating func readStatus(into mapped: inout MappedFields) throws(MalformedBytes) {
        while let field = try field() {
            switch (field.number, field.type) {
            case (2, .lengthDelimited): mapped.statusMessage = try string()
            case (3, .varint): mapped.statusCode = try varint()
            default: try skip(field.type)
            }
        }
    }

    /// Reads a trace id; zero if it does not have sixteen bytes.
    private mutating func traceID() throws(MalformedBytes) -> TraceID {
        guard let (high, low) = try id(halfCount: 2) else { return TraceID(low: 0) }
        return TraceID(high: high, low: low)
    }

    /// Reads a span id; nil if it does not have eight bytes.
    private mutating func spanID() throws(MalformedBytes) -> SpanID? {
        try id(halfCount: 1).map { SpanID($0.low) }
    }

    /// Reads a span id, zero if it is empty; nil if it has another length than eight bytes.
    private mutating func optionalSpanID() throws(MalformedBytes) -> SpanID? {
        var probe = self
        if try probe.binary().isEmpty {
            self = probe
            return SpanID(0)
        }
        return try spanID()
    }

    // MARK: Events and links

    /// Decodes an event as a log; without name and attributes it still has its time.
    private mutating func log() throws(MalformedBytes) -> SpanLog {
        var log = SpanLog(nanosecondsSinceEpoch: 0, fields: [])
        var name = ""
        var droppedCount: UInt64 = 0
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .fixed64): log.nanosecondsSinceEpoch = try fixed64()
            case (2, .lengthDelimited): name = try string()
            case (3, .lengthDelimited): try appendAttribute(to: &log.fields)
            case (4, .varint): droppedCount = try varint()
            default: try skip(field.type)
            }
        }
        if !name.isEmpty { log.fields.insert(SpanTag(SpanTag.Mapped.event, .string(name)), at: 0) }
        log.fields.appendCount(SpanTag.Mapped.droppedTagCount, droppedCount)
        return log
    }

    /// Decodes a link as a reference; nil if its ids are invalid.
    ///
    /// A link becomes `followsFrom`, unless an attribute sets `childOf`.
    private mutating func reference() throws(MalformedBytes) -> SpanReference? {
        var reference = SpanReference(.followsFrom, traceID: TraceID(low: 0), spanID: SpanID(0))
        var droppedCount: UInt64 = 0
        while let field = try field() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): reference.traceID = try traceID()
            case (2, .lengthDelimited): reference.spanID = try spanID() ?? SpanID(0)
            case (3, .lengthDelimited):
                let traceState = try string()
                reference.traceState = traceState.isEmpty ? nil : traceState
            case (4, .lengthDelimited): try appendAttribute(to: &reference.tags)
            case (5, .varint): droppedCount = try varint()
            case (6, .fixed32):
                let flags = OTLPFlags.read(try fixed32())
                reference.flags = flags.flags
                reference.hasRandomTraceID = flags.hasRandomTraceID
                reference.isRemote = flags.isRemote
            default: try skip(field.type)
            }
        }
        guard reference.traceID.isValid, reference.spanID.isValid else { return nil }
        if let index = reference.tags.firstIndex(where: {
            $0.key.isExactly(SpanTag.Mapped.referenceType)
        }) {
            if reference.tags[index].value.isExactly(SpanTag.Mapped.childOf) {
                reference.kind = .childOf
            }
            reference.tags.removeAll { $0.key.isExactly(SpanTag.Mapped.referenceType) }
        }
        reference.tags.appendCount(SpanTag.Mapped.droppedTagCount, droppedCount)
        return reference
    }
}
