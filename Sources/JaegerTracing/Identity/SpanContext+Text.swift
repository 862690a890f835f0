/// The text form of a span context, as the `uber-trace-id` field has it.
///
///     value  = trace ":" span ":" parent ":" flags
///     trace  = 1*32 HEXDIG      ; zero is invalid
///     span   = 1*16 HEXDIG      ; zero is invalid
///     parent = 1*16 HEXDIG      ; deprecated, zero for a root, must be there
///     flags  = 1*2 HEXDIG       ; 1 sampled, 2 debug, 8 firehose
///
/// Read: digits of either case, blanks around the whole, and `%3A` for a colon (clients for Java
/// before 1.3.0 wrote it so). Written: lower case, padded, flags as one digit.
extension SpanContext: LosslessStringConvertible {
    /// The context as the value of an `uber-trace-id` field; baggage is not part of it.
    ///
    /// Reading it decides nothing: while a sampler of this process waits, the flags say "not sampled", for this format
    /// cannot leave the decision open (``resolveSampling()``).
    public var description: String {
        var text = HexText()
        traceID.append(to: &text)
        text.append(UInt8(ascii: ":"))
        text.appendPadded(spanID.value)
        text.append(UInt8(ascii: ":"))
        if let parentID, parentID.isValid {
            text.appendPadded(parentID.value)
        } else {
            text.append(UInt8(ascii: "0"))
        }
        text.append(UInt8(ascii: ":"))
        text.append(HexText.digit(currentFlags.written))
        return text.string
    }

    /// Reads the value of an `uber-trace-id` field; nil if it is malformed.
    public init?(_ text: String) {
        self.init(uberTraceID: text.utf8.span)
    }

    /// Reads the value of an `uber-trace-id` field, as bytes; nil if it is malformed.
    public init?(uberTraceID text: Swift.Span<UInt8>) {
        guard let trace = ReceivedTrace(uberTraceID: text) else { return nil }
        self.init(trace)
    }
}

extension ReceivedTrace {
    /// Reads the value of an `uber-trace-id` field, as bytes; nil if it is malformed.
    init?(uberTraceID text: Swift.Span<UInt8>) {
        var reader = ColonSeparatedReader(trimming: text)
        guard let trace = reader.next(text, digitCountMax: 32, isLast: false),
            let span = reader.next(text, digitCountMax: 16, isLast: false),
            let parent = reader.next(text, digitCountMax: 16, isLast: false),
            let flags = reader.next(text, digitCountMax: 2, isLast: true)
        else { return nil }
        self.init(
            traceID: TraceID(high: trace.high, low: trace.low), spanID: SpanID(span.low),
            parentID: parent.low == 0 ? nil : SpanID(parent.low),
            flags: TraceFlags(received: UInt8(truncatingIfNeeded: flags.low)))
        guard isValid else { return nil }
    }
}

extension TraceFlags {
    /// The flags that are known: others are neither kept nor passed on.
    private static let known: TraceFlags = [.sampled, .debug, .firehose]

    /// Takes received flags: unknown bits are dropped, debug implies sampled.
    init(received bits: UInt8) {
        self = TraceFlags(rawValue: bits).intersection(.known)
        if contains(.debug) { insert(.sampled) }
    }

    /// The flags as one digit of 0 to 9.
    ///
    /// Some readers take the field for decimal and some for hexadecimal: below ten the two agree.
    /// Debug and firehose together would be more, so then firehose is not written.
    var written: UInt8 {
        let flags = intersection(.known)
        return flags.rawValue < 10 ? flags.rawValue : flags.subtracting(.firehose).rawValue
    }
}

/// Walks over hexadecimal numbers with colons between them.
private struct ColonSeparatedReader {
    private var index: Int
    private let end: Int

    init(trimming text: Swift.Span<UInt8>) {
        let content = text.rangeWithoutBlanks
        index = content.lowerBound
        end = content.upperBound
    }

    /// Reads a number and the colon after it, or up to the end if it is the last.
    mutating func next(
        _ text: Swift.Span<UInt8>, digitCountMax: Int, isLast: Bool
    ) -> HexNumber? {
        var number = HexNumber()
        while index < end, number.digitCount < digitCountMax, number.take(text[index]) {
            index += 1
        }
        guard number.digitCount > 0 else { return nil }
        if isLast { return index == end ? number : nil }
        return skipColon(text) ? number : nil
    }

    private mutating func skipColon(_ text: Swift.Span<UInt8>) -> Bool {
        guard index < end else { return false }
        if text[index] == UInt8(ascii: ":") {
            index += 1
            return true
        }
        guard end - index >= 3, text[index] == UInt8(ascii: "%"),
            text[index + 1] == UInt8(ascii: "3"), text[index + 2] | 0x20 == UInt8(ascii: "a")
        else { return false }
        index += 3
        return true
    }
}
