import JaegerTracing

/// The tags of a reference that are fields of OTLP's `Span.Link`, and the size of the message.
struct LinkLayout {
    /// The index of the tag with the number of dropped attributes.
    private(set) var dropped: Int?
    private(set) var droppedCount: UInt64 = 0
    /// The exact size of the message, without its key and length.
    private(set) var byteCount = ProtobufSize.traceID + ProtobufSize.spanID

    /// The attribute of a link to a span that waits for this one.
    ///
    /// A link without it means `FOLLOWS_FROM`, which is how Jaeger's backends interpret links.
    static let childOf = SpanTag(SpanTag.Mapped.referenceType, .string(SpanTag.Mapped.childOf))

    init(_ reference: SpanReference) {
        if let traceState = reference.traceState {
            byteCount += ProtobufSize.optional(string: traceState)
        }
        if reference.kind == .childOf {
            byteCount += ProtobufSize.lengthDelimited(Self.childOf.otlpByteCount)
        }
        for index in reference.tags.indices where !reference.tags[index].isReferenceType {
            if dropped == nil, case .droppedTagCount(let count) = reference.tags[index].mapped {
                dropped = index
                droppedCount = count
            } else {
                byteCount += ProtobufSize.lengthDelimited(reference.tags[index].otlpByteCount)
            }
        }
        byteCount += ProtobufSize.optional(varint: droppedCount)
        if reference.otlpFlags != 0 { byteCount += ProtobufSize.key + 4 }
    }
}

extension SpanTag {
    /// Whether the tag duplicates the kind of the reference: attribute keys are unique.
    @inline(__always)
    fileprivate var isReferenceType: Bool {
        key.utf8.count == 20 && key == Mapped.referenceType
    }
}

extension OutputSpan<UInt8> {
    /// Appends a link of a span.
    mutating func append(field number: UInt64, link reference: SpanReference) {
        let layout = LinkLayout(reference)
        append(field: number, messageOf: layout.byteCount)
        append(field: 1, reference.traceID)
        append(field: 2, reference.spanID)
        append(field: 3, optionalString: reference.traceState ?? "")
        if reference.kind == .childOf {
            append(field: 4, attribute: LinkLayout.childOf)
        }
        for index in reference.tags.indices
        where index != layout.dropped && !reference.tags[index].isReferenceType {
            append(field: 4, attribute: reference.tags[index])
        }
        append(field: 5, optionalVarint: layout.droppedCount)
        append(field: 6, optionalFixed32: reference.otlpFlags)
    }
}

extension SpanReference {
    /// The `flags` of the link.
    fileprivate var otlpFlags: UInt32 {
        OTLPFlags.bits(flags, hasRandomTraceID: hasRandomTraceID, isRemote: isRemote)
    }
}
