/// The text form of a span context in B3, the format of Zipkin, in one field.
///
///     value = decision / trace "-" span [ "-" decision [ "-" parent ] ]
///     trace = 16HEXDIGLC / 32HEXDIGLC   ; zero is invalid
///     span, parent = 16HEXDIGLC
///     decision = "0" / "1" / "d"        ; debug implies sampled; nothing: not yet decided
///
/// Read: also fewer digits and those of upper case, as clients of Jaeger for other languages write
/// them; a parent that is zero or malformed is none, as no receiver heeds it.
extension SpanContext {
    /// The context as the value of a `b3` field; nil if there is nothing to say in it.
    ///
    /// Reading it decides nothing: while a sampler of this process waits, the decision is left out (``resolveSampling()``).
    public var b3: String? {
        let isUndecided = isSamplingDeferred || awaitsSampler
        var text = HexText()
        if isValid {
            traceID.append(to: &text)
            text.append(UInt8(ascii: "-"))
            text.appendPadded(spanID.value)
            if isUndecided { return text.string }
            text.append(UInt8(ascii: "-"))
        } else if isUndecided {
            return nil
        }
        let flags = currentFlags
        text.append(
            flags.contains(.debug)
                ? UInt8(ascii: "d")
                : flags.contains(.sampled) ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        if isValid, let parentID, parentID.isValid {
            text.append(UInt8(ascii: "-"))
            text.appendPadded(parentID.value)
        }
        return text.string
    }

    /// Reads the value of a `b3` field; nil if it is malformed.
    ///
    /// A value that is only a decision makes a context without a trace.
    public init?(b3 text: String) {
        guard let trace = ReceivedTrace(b3: text.utf8.span) else { return nil }
        self.init(trace)
    }
}

extension ReceivedTrace {
    /// Reads the value of a `b3` field, as bytes; nil if it is malformed.
    init?(b3 field: Swift.Span<UInt8>) {
        let text = field.extracting(field.rangeWithoutBlanks)
        self.init()
        if text.count == 1 {
            guard takeDecision(text[0]) else { return nil }
            return
        }
        var part = 0
        var start = 0
        while start <= text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: "-") { end += 1 }
            guard takePart(part, text.extracting(start..<end)) else { return nil }
            part += 1
            start = end + 1
        }
        guard isValid else { return nil }
        isSamplingDeferred = part == 2
    }

    private mutating func takePart(_ number: Int, _ text: Swift.Span<UInt8>) -> Bool {
        switch number {
        case 0:
            guard let id = TraceID(b3: text) else { return false }
            traceID = id
        case 1:
            guard let id = SpanID(b3: text) else { return false }
            spanID = id
        case 2: return text.count == 1 && takeDecision(text[0])
        case 3: parentID = SpanID(b3: text)
        default: return false
        }
        return true
    }

    private mutating func takeDecision(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0"): flags = []
        case UInt8(ascii: "1"): flags = .sampled
        case UInt8(ascii: "d"): flags = [.sampled, .debug]
        default: return false
        }
        return true
    }
}

extension TraceID {
    /// Reads the id as B3 has it; nil if it is malformed or zero.
    init?(b3 text: Swift.Span<UInt8>) {
        self.init(hexDigits: text)
        guard isValid else { return nil }
    }
}

extension SpanID {
    /// Reads the id as B3 has it; nil if it is malformed or zero.
    init?(b3 text: Swift.Span<UInt8>) {
        self.init(hexDigits: text)
        guard isValid else { return nil }
    }
}
