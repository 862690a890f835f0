import SpoorText

/// Jaeger's own format: the headers `uber-trace-id`, `uberctx-KEY`, `jaeger-baggage` and `jaeger-debug-id`.
///
/// The text of a span context in `uber-trace-id`:
///
///     value  = trace ":" span ":" parent ":" flags
///     trace  = 1*32 HEXDIG      ; zero is invalid
///     span   = 1*16 HEXDIG      ; zero is invalid
///     parent = 1*16 HEXDIG      ; deprecated, zero for a root, must be there
///     flags  = 1*2 HEXDIG       ; 1 sampled, 2 debug, 8 firehose
///
/// When reading, digits of either case, blanks around the value, and `%3A` for a colon are accepted (Java clients
/// before 1.3.0 wrote it). Values are written in lower case, padded, with the flags as one digit. The other headers are
/// percent-encoded, and a `+` in them means a space, as most of Jaeger's clients write it (a plus is always written as
/// `%2B`).
enum JaegerFormat {
    /// The maximum length of a debug id, in bytes; they are typed by hand.
    private static let maxDebugIDBytes = 256

    /// Returns the value of a `jaeger-debug-id` header, truncated to the limit; nil if it is empty.
    static func debugID(_ text: String) -> String? {
        var text = text
        text.trim(toBytes: maxDebugIDBytes)
        return text.isEmpty ? nil : text
    }

    /// Calls the body with the header of the trace, if there is a trace with a sampling decision.
    static func write(
        _ context: SpanContext, header: String, _ body: (_ name: String, _ value: String) -> Void
    ) {
        if context.isValid, !context.isSamplingDeferred { body(header, context.description) }
    }
}

extension SpanContext: LosslessStringConvertible {
    /// The context as the value of a `uber-trace-id` header; baggage is not part of it.
    ///
    /// While a sampler of this process has not decided, the flags mean "not sampled", because this format cannot leave
    /// the decision open. Call `resolveSampling()` of `JaegerTracing` to decide before.
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

    /// Parses the value of a `uber-trace-id` header; nil if it is malformed.
    public init?(_ text: String) {
        self.init(uberTraceID: text.utf8.span)
    }

    /// Parses the value of a `uber-trace-id` header, as bytes; nil if it is malformed.
    public init?(uberTraceID text: Swift.Span<UInt8>) {
        guard let trace = ReceivedTrace(uberTraceID: text) else { return nil }
        self.init(trace)
    }
}

extension ReceivedTrace {
    /// Parses the value of a `uber-trace-id` header, as bytes; nil if it is malformed.
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

/// Reads hexadecimal numbers separated by colons.
private struct ColonSeparatedReader {
    private var index: Int
    private let end: Int

    init(trimming text: Swift.Span<UInt8>) {
        let content = text.rangeWithoutBlanks
        index = content.lowerBound
        end = content.upperBound
    }

    /// Reads a number and the colon after it, or the last number up to the end.
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
    /// Adds a pair of `uberctx-KEY` or `jaeger-baggage`, whose key is case-insensitive.
    mutating func takeJaeger(_ key: String, _ value: String) {
        guard !isFull else { return }
        takeJaeger(Baggage.Item(key: key.lowercased(), value: value, matchesAnyCase: true))
    }

    /// Adds the pairs of a list `k1=v1, k2=v2`; pairs without exactly one `=` are skipped, as in all of Jaeger's
    /// clients.
    ///
    /// - Parameter list: The value of a `jaeger-baggage` header, decoded as a whole before it is split, as in all of
    ///   Jaeger's clients.
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
    /// Calls the body with each pair that can be sent as a separate header: with its key in lower case, and only the
    /// last of several pairs whose keys differ only in case.
    func forEachHeaderPair(_ body: (_ key: String, _ value: String) -> Void) {
        for (index, item) in items.enumerated() {
            let later = items[(index + 1)...]
            guard !later.contains(where: { Self.isSameInAnyCase($0.key, item.key) }) else {
                continue
            }
            body(item.key.lowercased(), item.value)
        }
    }
}
