import JaegerTracing

/// The `flags` of a span or a link in OTLP: W3C's flags in the lowest byte, then whether the other span is remote.
///
/// They cannot represent Jaeger's own flags: the bit of its debug flag means a random trace id in W3C. Those are
/// encoded as attributes of spans, with the names that the load generator of the Jaeger project uses.
enum OTLPFlags {
    private static let sampled: UInt32 = 0x01
    private static let randomTraceID: UInt32 = 0x02
    private static let knowsRemote: UInt32 = 0x100
    private static let isRemote: UInt32 = 0x200

    /// The attribute of a trace that was requested by hand.
    static let debug = SpanTag("jaeger.debug", true)
    /// The attribute of a trace that is not to be indexed.
    static let firehose = SpanTag("jaeger.firehose", true)

    static func bits(_ flags: TraceFlags, hasRandomTraceID: Bool, isRemote: Bool?) -> UInt32 {
        var bits = flags.contains(.sampled) ? sampled : 0
        if hasRandomTraceID { bits |= randomTraceID }
        if let isRemote { bits |= isRemote ? knowsRemote | self.isRemote : knowsRemote }
        return bits
    }

    /// Decodes flags; `isRemote` is nil if they do not contain it.
    static func read(
        _ bits: UInt32
    ) -> (flags: TraceFlags, hasRandomTraceID: Bool, isRemote: Bool?) {
        (
            bits & sampled == 0 ? [] : .sampled, bits & randomTraceID != 0,
            bits & knowsRemote == 0 ? nil : bits & isRemote != 0
        )
    }
}

extension FinishedSpan {
    /// The attributes for Jaeger's own flags, except for those that the span already has as tags, because keys are
    /// unique.
    var flagAttributes: [SpanTag] {
        // Few spans have one.
        guard flags.rawValue & Self.ownFlags.rawValue != 0 else { return [] }
        var attributes: [SpanTag] = []
        if flags.contains(.debug) { attributes.append(OTLPFlags.debug) }
        if flags.contains(.firehose) { attributes.append(OTLPFlags.firehose) }
        return attributes.filter { attribute in !tags.contains { $0.key == attribute.key } }
    }

    private static let ownFlags: TraceFlags = [.debug, .firehose]

    /// Converts the attributes for Jaeger's own flags back to flags.
    mutating func takeFlagAttributes() {
        // Few spans have one: most keys are excluded by their lengths.
        var taken: TraceFlags = []
        tags.removeAll { tag in
            switch tag.key.utf8.count {
            case 12 where tag == OTLPFlags.debug: taken.insert(.debug)
            case 15 where tag == OTLPFlags.firehose: taken.insert(.firehose)
            default: return false
            }
            return true
        }
        flags.formUnion(taken)
    }
}
