import SpoorText

/// W3C Trace Context, level 2: the headers `traceparent` and `tracestate` (``TraceState``).
///
/// The text of a span context in `traceparent`:
///
///     value   = version "-" trace "-" span "-" flags
///     version = 2HEXDIGLC   ; 00 is written; above it more may follow, after a "-"; ff is invalid
///     trace   = 32HEXDIGLC  ; zero is invalid
///     span    = 16HEXDIGLC  ; zero is invalid
///     flags   = 2HEXDIGLC   ; 1 sampled, 2 random trace id
enum TraceContextFormat {
    /// The maximum length of the received `tracestate` value, in bytes: 32 members of 513 bytes, and blanks.
    fileprivate static let maxStateBytes = 32_768

    /// Calls the body with the headers of the trace, if there is a trace with a sampling decision.
    static func write(
        _ context: SpanContext, parent: String, state: String,
        _ body: (_ name: String, _ value: String) -> Void
    ) {
        guard context.isValid, !context.isSamplingDeferred else { return }
        body(parent, context.traceParent)
        if let traceState = context.traceState { body(state, traceState.description) }
    }
}

extension SpanContext {
    /// The context as the value of a `traceparent` header; baggage, parent id, debug flag and trace state are not part
    /// of it, and a 64-bit trace id is padded.
    ///
    /// While a sampler of this process has not decided, the flags mean "not sampled", because this format cannot leave
    /// the decision open. Call `resolveSampling()` of `JaegerTracing` to decide before.
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
            UInt8.hexDigit((flags.contains(.sampled) ? 1 : 0) | (hasRandomTraceID ? 2 : 0)))
        return text.string
    }

    /// Parses the value of a `traceparent` header; nil if it is malformed.
    public init?(traceParent text: String) {
        guard let trace = ReceivedTrace(traceParent: text.utf8.span) else { return nil }
        self.init(trace)
    }
}

extension ReceivedTrace {
    /// Parses the value of a `traceparent` header, as bytes; nil if it is malformed.
    init?(traceParent value: Swift.Span<UInt8>) {
        let text = value.extracting(value.rangeWithoutBlanks)
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

/// The values of the `tracestate` headers of a message, joined (RFC 9110 §5.3: several headers of a name form one
/// list).
struct ReceivedTraceState {
    private(set) var bytes: [UInt8] = []

    mutating func take(_ value: Swift.Span<UInt8>) {
        guard bytes.count + value.count < TraceContextFormat.maxStateBytes else {
            // No list that contains this is valid.
            bytes = [UInt8(ascii: "=")]
            return
        }
        bytes.reserveCapacity(bytes.count + value.count + 1)
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        for index in value.indices { bytes.append(value[index]) }
    }
}
