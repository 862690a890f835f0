import SpoorText

/// Jaeger's own format: the fields `uber-trace-id`, `uberctx-KEY`, `jaeger-baggage` and `jaeger-debug-id`.
///
/// The text of a span context in `uber-trace-id`:
///
///     value  = trace ":" span ":" parent ":" flags
///     trace  = 1*32 HEXDIG      ; zero is invalid
///     span   = 1*16 HEXDIG      ; zero is invalid
///     parent = 1*16 HEXDIG      ; deprecated, zero for a root, must be there
///     flags  = 1*2 HEXDIG       ; 1 sampled, 2 debug, 8 firehose
///
/// Read: digits of either case, blanks around the whole, and `%3A` for a colon (clients for Java
/// before 1.3.0 wrote it so). Written: lower case, padded, flags as one digit. The other fields are percent-encoded, and a `+`
/// in them means a space, as most of Jaeger's clients write it (a plus is always written as `%2B`).
enum JaegerFormat {
    /// The longest debug id that is kept, in bytes: people type them.
    private static let maxDebugIDBytes = 256

    /// The value of a `jaeger-debug-id` field, cut to size; nil if it is empty.
    static func debugID(_ text: String) -> String? {
        var text = text
        text.trim(toBytes: maxDebugIDBytes)
        return text.isEmpty ? nil : text
    }

    /// Calls the body with the field of the trace, if there is a trace that is decided on.
    static func write(
        _ context: SpanContext, field: String, _ body: (_ name: String, _ value: String) -> Void
    ) {
        if context.isValid, !context.isSamplingDeferred { body(field, context.description) }
    }
}

extension SpanContext: LosslessStringConvertible {
    /// The context as the value of an `uber-trace-id` field; baggage is not part of it.
    ///
    /// While a sampler of this process has not decided, the flags say "not sampled": this format cannot leave the decision
    /// open. `resolveSampling()` of `JaegerTracing` decides.
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
        text.append(UInt8.hexDigit(flags.written))
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
        guard let trace = reader.next(text, maxDigitCount: 32, isLast: false),
            let span = reader.next(text, maxDigitCount: 16, isLast: false),
            let parent = reader.next(text, maxDigitCount: 16, isLast: false),
            let flags = reader.next(text, maxDigitCount: 2, isLast: true)
        else { return nil }
        self.init(
            traceID: TraceID(high: trace.high, low: trace.low), spanID: SpanID(span.low),
            parentID: parent.low == 0 ? nil : SpanID(parent.low),
            flags: TraceFlags(received: UInt8(truncatingIfNeeded: flags.low)))
        guard isValid else { return nil }
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
        _ text: Swift.Span<UInt8>, maxDigitCount: Int, isLast: Bool
    ) -> HexNumber? {
        var number = HexNumber()
        while index < end, number.digitCount < maxDigitCount, number.take(text[index]) {
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

// MARK: - Baggage and debug ids

extension BaggageReader {
    /// Takes a pair of `uberctx-KEY` or `jaeger-baggage`, whose key has no case.
    mutating func takeJaeger(_ key: String, _ value: String) {
        guard !isFull else { return }
        takeJaeger(Baggage.Item(key: key.lowercased(), value: value, matchesAnyCase: true))
    }

    /// Takes `k1=v1, k2=v2`; what has not exactly one `=` is skipped, as all clients of Jaeger do.
    ///
    /// - Parameter list: The value of a `jaeger-baggage` field, decoded as a whole before it is split, as all clients do.
    mutating func takeJaegerList(_ list: [UInt8]) {
        for pair in list.split(separator: UInt8(ascii: ",")) {
            let parts = pair.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let key = Array(parts[0])
            let value = Array(parts[1])
            takeJaeger(key.span.trimmedText, value.span.trimmedText)
        }
    }
}

extension Baggage {
    /// Calls the body with each pair as a field of its own can carry it: with its key in lower case, and the last one of
    /// several whose keys are the same in any case.
    func forEachFieldPair(_ body: (_ key: String, _ value: String) -> Void) {
        for (index, item) in items.enumerated() {
            let later = items[(index + 1)...]
            guard !later.contains(where: { Self.isSameInAnyCase($0.key, item.key) }) else {
                continue
            }
            body(item.key.lowercased(), item.value)
        }
    }
}
