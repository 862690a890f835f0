/// B3, Zipkin's format: a single header `b3` or multiple headers `x-b3-…`.
///
/// The text of a span context in the single header:
///
///     value = decision / trace "-" span [ "-" decision [ "-" parent ] ]
///     trace = 16HEXDIGLC / 32HEXDIGLC   ; zero is invalid
///     span, parent = 16HEXDIGLC
///     decision = "0" / "1" / "d"        ; debug implies sampled; nothing: not yet decided
///
/// When reading, shorter ids and upper-case digits are accepted, because Jaeger's clients for other languages write
/// them. A parent id that is zero or malformed is ignored, because no receiver uses it.
enum B3Format {
    /// Calls the body with the headers of the trace, or of a sampling decision without a trace.
    static func write(
        _ context: SpanContext, _ names: B3Names, isSingle: Bool,
        _ body: (_ name: String, _ value: String) -> Void
    ) {
        if isSingle {
            if let value = context.b3 { body(names.single, value) }
            return
        }
        if context.isValid {
            body(names.traceID, context.traceID.description)
            body(names.spanID, context.spanID.description)
            if let parent = context.parentID, parent.isValid {
                body(names.parentID, parent.description)
            }
        }
        guard !context.isSamplingDeferred else { return }
        if context.isDebug {
            body(names.flags, "1")
        } else {
            body(names.sampled, context.isSampled ? "1" : "0")
        }
    }
}

extension SpanContext {
    /// The context as the value of a `b3` header; nil if there is nothing to send.
    ///
    /// While a sampler of this process has not decided, the sampling decision is omitted; call `resolveSampling()` of
    /// `JaegerTracing` to decide before.
    public var b3: String? {
        let isUndecided = isSamplingDeferred || pendingSampling?.isUndecided == true
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

    /// Parses the value of a `b3` header; nil if it is malformed.
    ///
    /// A value that contains only a sampling decision creates a context without a trace.
    public init?(b3 text: String) {
        guard let trace = ReceivedTrace(b3: text.utf8.span) else { return nil }
        self.init(trace)
    }
}

extension ReceivedTrace {
    /// Parses the value of a `b3` header, as bytes; nil if it is malformed.
    init?(b3 value: Swift.Span<UInt8>) {
        let text = value.extracting(value.rangeWithoutBlanks)
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
    /// Parses a trace id of B3; nil if it is malformed or zero.
    init?(b3 text: Swift.Span<UInt8>) {
        self.init(hexDigits: text)
        guard isValid else { return nil }
    }
}

extension SpanID {
    /// Parses a span id of B3; nil if it is malformed or zero.
    init?(b3 text: Swift.Span<UInt8>) {
        self.init(hexDigits: text)
        guard isValid else { return nil }
    }
}

// MARK: - Multiple headers

/// The names of B3's headers, in lower case.
struct B3Names: Sendable {
    let single, traceID, spanID, parentID, sampled, flags: String

    init(header: String, prefix: String) {
        let prefix = prefix.lowercased()
        single = header.lowercased()
        traceID = prefix + "traceid"
        spanID = prefix + "spanid"
        parentID = prefix + "parentspanid"
        sampled = prefix + "sampled"
        flags = prefix + "flags"
    }
}

/// The values of B3's multiple headers, collected until the message has been read.
struct B3Headers {
    /// The kinds of B3's multiple headers.
    enum Part {
        case traceID, spanID, parentID, sampled, flags
    }

    private var trace = ReceivedTrace()
    private var hasDecision = false
    private var isMalformed = false

    /// Adds the value of a header; a repeated equal value is accepted.
    mutating func take(_ part: Part, _ value: Swift.Span<UInt8>) {
        let text = value.extracting(value.rangeWithoutBlanks)
        switch part {
        case .traceID:
            guard let id = TraceID(b3: text), !trace.traceID.isValid || trace.traceID == id
            else { return isMalformed = true }
            trace.traceID = id
        case .spanID:
            guard let id = SpanID(b3: text), !trace.spanID.isValid || trace.spanID == id
            else { return isMalformed = true }
            trace.spanID = id
        case .parentID:
            // No receiver uses the parent id, so a malformed one is ignored.
            if trace.parentID == nil { trace.parentID = SpanID(b3: text) }
        case .sampled: takeSampled(text)
        case .flags:
            // The debug flag implies the sampling decision, which is then not sent.
            guard text.count == 1, text[0] == UInt8(ascii: "1") else { return }
            hasDecision = true
            trace.flags.formUnion([.sampled, .debug])
        }
    }

    /// The result of reading all headers.
    var reading: TraceReading {
        if isMalformed { return .malformed }
        switch (trace.traceID.isValid, trace.spanID.isValid) {
        case (true, true):
            var trace = trace
            trace.isSamplingDeferred = !hasDecision
            return .found(trace)
        case (false, false) where trace.parentID == nil:
            return hasDecision ? .found(trace) : .absent
        default: return .malformed
        }
    }

    private mutating func takeSampled(_ text: Swift.Span<UInt8>) {
        guard let isSampled = Self.decision(text) else { return isMalformed = true }
        if hasDecision, !trace.flags.contains(.debug) {
            guard trace.flags.contains(.sampled) == isSampled else { return isMalformed = true }
        }
        hasDecision = true
        if isSampled { trace.flags.insert(.sampled) }
    }

    // Early senders wrote words instead of digits.
    private static func decision(_ text: Swift.Span<UInt8>) -> Bool? {
        if text.count == 1 {
            switch text[0] {
            case UInt8(ascii: "0"): return false
            case UInt8(ascii: "1"): return true
            default: return nil
            }
        }
        if text.begins(with: "true".utf8.span), text.count == 4 { return true }
        return text.begins(with: "false".utf8.span) && text.count == 5 ? false : nil
    }
}
