import JaegerTracing

/// `flags` of a span or a link of OTLP: the flags of W3C in the lowest byte, then whether the other span was remote.
///
/// Jaeger's own flags have no place there: the bit of its debug flag means a random trace id in W3C. They are
/// attributes of spans, under the names that the load generator of Jaeger's project gives them.
enum OTLPFlags {
    private static let sampled: UInt32 = 0x01
    private static let randomTraceID: UInt32 = 0x02
    private static let knowsRemote: UInt32 = 0x100
    private static let isRemote: UInt32 = 0x200

    /// Whether a trace was asked for by hand.
    static let debug = SpanTag("jaeger.debug", true)
    /// Whether a trace is to be kept out of indices.
    static let firehose = SpanTag("jaeger.firehose", true)

    static func bits(_ flags: TraceFlags, hasRandomTraceID: Bool, isRemote: Bool?) -> UInt32 {
        var bits = flags.contains(.sampled) ? sampled : 0
        if hasRandomTraceID { bits |= randomTraceID }
        if let isRemote { bits |= isRemote ? knowsRemote | self.isRemote : knowsRemote }
        return bits
    }

    /// What bits say; of whether the other span was remote nil, unless they do.
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
    /// The attributes that stand for Jaeger's own flags, but for those that the span has as tags already: keys are unique.
    var flagAttributes: [SpanTag] {
        // Hardly any span has one.
        guard flags.rawValue & Self.ownFlags.rawValue != 0 else { return [] }
        var attributes: [SpanTag] = []
        if flags.contains(.debug) { attributes.append(OTLPFlags.debug) }
        if flags.contains(.firehose) { attributes.append(OTLPFlags.firehose) }
        return attributes.filter { attribute in !tags.contains { $0.key == attribute.key } }
    }

    private static let ownFlags: TraceFlags = [.debug, .firehose]

    /// Takes flags of Jaeger's back from the attributes that stand for them.
    mutating func takeFlagAttributes() {
        // Of hardly any span: most keys are told apart by their lengths.
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
