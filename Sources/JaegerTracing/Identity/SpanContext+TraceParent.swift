/// The text form of a span context in W3C Trace Context, level 2: the `traceparent` field.
///
///     value   = version "-" trace "-" span "-" flags
///     version = 2HEXDIGLC   ; 00 is written; above it more may follow, after a "-"; ff is invalid
///     trace   = 32HEXDIGLC  ; zero is invalid
///     span    = 16HEXDIGLC  ; zero is invalid
///     flags   = 2HEXDIGLC   ; 1 sampled, 2 random trace id
extension SpanContext {
    /// The context as the value of a `traceparent` field; baggage, parent, debug flag and trace
    /// state are not part of it, and a 64-bit trace id is padded.
    ///
    /// Reading it decides nothing: while a sampler of this process waits, the flags say "not sampled", for this format
    /// cannot leave the decision open (``resolveSampling()``).
    public var traceParent: String {
        var text = HexText()
        text.append(UInt8(ascii: "0"))
        text.append(UInt8(ascii: "0"))
        text.append(UInt8(ascii: "-"))
        text.appendPadded(traceID.high)
        text.appendPadded(traceID.low)
        text.append(UInt8(ascii: "-"))
        text.appendPadded(spanID.value)
        text.append(UInt8(ascii: "-"))
        text.append(UInt8(ascii: "0"))
        text.append(
            HexText.digit((currentFlags.contains(.sampled) ? 1 : 0) | (hasRandomTraceID ? 2 : 0)))
        return text.string
    }

    /// Reads the value of a `traceparent` field; nil if it is malformed.
    public init?(traceParent text: String) {
        guard let trace = ReceivedTrace(traceParent: text.utf8.span) else { return nil }
        self.init(trace)
    }
}

extension ReceivedTrace {
    /// Reads the value of a `traceparent` field, as bytes; nil if it is malformed.
    init?(traceParent field: Swift.Span<UInt8>) {
        let text = field.extracting(field.rangeWithoutBlanks)
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = HexNumber(lowerCase: text.extracting(0..<2), digitCount: 2),
            version.low != 0xff,
            let trace = HexNumber(lowerCase: text.extracting(3..<35), digitCount: 32),
            let span = HexNumber(lowerCase: text.extracting(36..<52), digitCount: 16),
            let flags = HexNumber(lowerCase: text.extracting(53..<55), digitCount: 2),
            text.count == 55 || version.low > 0 && text[55] == dash
        else { return nil }
        self.init(
            traceID: TraceID(high: trace.high, low: trace.low), spanID: SpanID(span.low),
            flags: flags.low & 1 == 0 ? [] : .sampled, hasRandomTraceID: flags.low & 2 != 0)
        guard isValid else { return nil }
    }
}
