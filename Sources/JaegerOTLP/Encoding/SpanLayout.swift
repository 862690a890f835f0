import JaegerTracing

/// The tags of a span that are fields in OTLP, and the size of the message, determined in one pass over the span.
///
/// The size is needed first, because a message is preceded by its length.
struct SpanLayout: Sendable {
    var kind: UInt64 = 0
    var statusCode: UInt64 = 0
    /// The index of the tag with the text.
    var statusMessage: Int?
    /// The index of the tag with the text.
    var traceState: Int?
    var droppedTagCount: UInt64 = 0
    var droppedLogCount: UInt64 = 0
    var droppedReferenceCount: UInt64 = 0
    var parentID: SpanID?
    var flags: UInt32
    /// The HTTP status of the response; 0 if no tag contains one.
    private var httpStatus: Int64 = 0
    /// Whether there is a tag `error` that is not true.
    private var hasFalseError = false
    /// The exact size of the message, without its key and length.
    private(set) var byteCount = 0

    /// `Status.StatusCode` of OTLP.
    enum StatusCode {
        static let ok: UInt64 = 1
        static let error: UInt64 = 2
    }

    /// - Parameter includesRemoteness: Whether the flags contain whether the parent is remote.
    init(_ span: FinishedSpan, includesRemoteness: Bool = true) {
        flags = span.otlpFlags(includesRemoteness: includesRemoteness)
        parentID = span.otlpParentID
        for index in span.tags.indices {
            lift(span.tags[index], at: index)
        }
        for attribute in span.flagAttributes {
            byteCount += ProtobufSize.lengthDelimited(attribute.otlpByteCount)
        }
        liftHTTPStatus()
        byteCount += fixedByteCount(of: span)
        for log in span.logs {
            byteCount += ProtobufSize.lengthDelimited(EventLayout(log).byteCount)
        }
        for reference in span.references where isLink(reference, of: span) {
            byteCount += ProtobufSize.lengthDelimited(LinkLayout(reference).byteCount)
        }
        byteCount += statusByteCount(of: span).map(ProtobufSize.lengthDelimited) ?? 0
    }

    @inline(__always)
    private mutating func lift(_ tag: SpanTag, at index: Int) {
        switch tag.mapped {
        case nil:
            byteCount += ProtobufSize.lengthDelimited(tag.otlpByteCount)
            if let status = tag.httpStatus { httpStatus = status }
            if tag.key.utf8.count == 5, tag.key == SpanTag.Mapped.error { hasFalseError = true }
        case .kind(let number): kind = number
        // An `OK` does not override an error.
        case .statusOK: statusCode = max(statusCode, StatusCode.ok)
        case .statusError: statusCode = StatusCode.error
        case .statusMessage: statusMessage = index
        case .traceState: traceState = index
        case .droppedTagCount(let count): droppedTagCount = count
        case .droppedLogCount(let count): droppedLogCount = count
        case .droppedReferenceCount(let count): droppedReferenceCount = count
        }
    }

    /// Without `error` and `otel.status_code` the HTTP status determines the span status, as in OpenTelemetry's
    /// translation of Thrift spans: 500 and above are errors, for clients 400 and above.
    private mutating func liftHTTPStatus() {
        guard statusCode == 0, !hasFalseError else { return }
        let isClient = kind == SpanKindTag.client
        if httpStatus >= (isClient ? 400 : 500) { statusCode = StatusCode.error }
    }

    private func fixedByteCount(of span: FinishedSpan) -> Int {
        var byteCount = ProtobufSize.traceID + ProtobufSize.spanID
        if let text = text(at: traceState, of: span) {
            byteCount += ProtobufSize.optional(string: text)
        }
        if parentID != nil { byteCount += ProtobufSize.spanID }
        byteCount += ProtobufSize.optional(string: span.operationName)
        byteCount += ProtobufSize.optional(varint: kind)
        byteCount += ProtobufSize.optional(fixed64: span.startNanosecondsSinceEpoch)
        byteCount += ProtobufSize.optional(fixed64: span.otlpEndNanosecondsSinceEpoch)
        byteCount += ProtobufSize.optional(varint: droppedTagCount)
        byteCount += ProtobufSize.optional(varint: droppedLogCount)
        byteCount += ProtobufSize.optional(varint: droppedReferenceCount)
        // The only key of two bytes.
        return flags == 0 ? byteCount : byteCount + 2 + 4
    }

    /// Returns the size of the status; nil if it is omitted.
    func statusByteCount(of span: FinishedSpan) -> Int? {
        let message = text(at: statusMessage, of: span) ?? ""
        guard statusCode != 0 || !message.isEmpty else { return nil }
        return ProtobufSize.optional(string: message) + ProtobufSize.optional(varint: statusCode)
    }

    func text(at index: Int?, of span: FinishedSpan) -> String? {
        guard let index, case .string(let text) = span.tags[index].value else { return nil }
        return text
    }

    /// Returns whether a reference becomes a link.
    ///
    /// The parent has a separate field, which implies `childOf`; it becomes a link as well if the reference contains more.
    @inline(__always)
    func isLink(_ reference: SpanReference, of span: FinishedSpan) -> Bool {
        reference.kind == .followsFrom || reference.spanID != parentID
            || reference.traceID != span.traceID || !reference.tags.isEmpty
            || reference.traceState != nil
    }
}

extension ProtobufSize {
    /// Key, length and 16 bytes.
    static let traceID = 2 + 16
    /// Key, length and 8 bytes.
    static let spanID = 2 + 8
}

extension FinishedSpan {
    /// The parent; if there is only a reference to it, the one in the same trace.
    fileprivate var otlpParentID: SpanID? {
        if let parentID { return parentID }
        return references.first { $0.kind == .childOf && $0.traceID == traceID }?.spanID
    }

    /// The end by the wall clock of the start, limited to the last instant of 64 bits.
    var otlpEndNanosecondsSinceEpoch: UInt64 {
        let (end, overflow) = startNanosecondsSinceEpoch.addingReportingOverflow(
            durationNanoseconds)
        return overflow ? .max : end
    }

    /// Returns the `flags` of the span; whether the parent is remote only if requested.
    fileprivate func otlpFlags(includesRemoteness: Bool) -> UInt32 {
        OTLPFlags.bits(
            flags, hasRandomTraceID: hasRandomTraceID,
            isRemote: includesRemoteness ? isParentRemote : nil)
    }
}
