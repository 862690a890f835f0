/// The binary form of a span context, for byte carriers, as Jaeger's clients define it.
///
///     u64 high half of the trace id, u64 low half, u64 span id, u64 parent id (0: none), u8 flags,
///     u32 count of baggage, and for each pair: u32 length, key, u32 length, value
///
/// All numbers are big-endian, texts are UTF-8. The format cannot represent W3C's random flag and the trace state, and
/// a pending sampling decision is read as "not sampled" (call `resolveSampling()` of `JaegerTracing` before).
enum BinaryFormat {
    /// The number of bytes of a context without baggage.
    fileprivate static let fixedByteCount = 37
}

extension SpanContext {
    /// The context as bytes.
    public var binary: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(BinaryFormat.fixedByteCount + baggage.byteCount + 8 * baggage.count)
        bytes.append(bigEndian: traceID.high)
        bytes.append(bigEndian: traceID.low)
        bytes.append(bigEndian: spanID.value)
        bytes.append(bigEndian: parentID?.value ?? 0)
        bytes.append(flags.written)
        bytes.append(bigEndian: UInt32(clamping: baggage.count))
        for item in baggage.items {
            bytes.append(bigEndian: UInt32(clamping: item.key.utf8.count))
            bytes += item.key.utf8
            bytes.append(bigEndian: UInt32(clamping: item.value.utf8.count))
            bytes += item.value.utf8
        }
        return bytes
    }

    /// Parses the bytes of a context; nil if they are malformed.
    ///
    /// Both ids may be zero: then there is only baggage, or nothing. Pairs that exceed the limits, or whose keys are
    /// not tokens, are dropped. Bytes after the context are ignored.
    public init?(binary bytes: Swift.Span<UInt8>, baggageLimits: BaggageLimits = BaggageLimits()) {
        var rejectedCount = 0
        self.init(binary: bytes, baggageLimits, &rejectedCount)
    }

    /// Parses the bytes of a context and counts the pairs that are dropped.
    package init?(
        binary bytes: Swift.Span<UInt8>, _ limits: BaggageLimits, _ rejectedCount: inout Int
    ) {
        var reader = BigEndianReader()
        guard let high = reader.number(8, of: bytes), let low = reader.number(8, of: bytes),
            let span = reader.number(8, of: bytes), let parent = reader.number(8, of: bytes),
            let flags = reader.number(1, of: bytes), let count = reader.number(4, of: bytes)
        else { return nil }
        var baggage = Baggage()
        // A wrong count ends where the bytes end.
        for _ in 0..<count {
            guard let key = reader.text(of: bytes), let value = reader.text(of: bytes) else {
                return nil
            }
            switch baggage.set(key, value, within: limits) {
            case .set, .replaced: break
            case .invalidKey, .forbiddenKey, .overLimit: rejectedCount += 1
            }
        }
        let traceID = TraceID(high: high, low: low)
        guard traceID.isValid == (span != 0) else { return nil }
        self.init(
            traceID: traceID, spanID: SpanID(span), parentID: parent == 0 ? nil : SpanID(parent),
            flags: traceID.isValid ? TraceFlags(received: UInt8(flags)) : [], baggage: baggage,
            isRemote: true)
    }
}

/// Reads big-endian numbers and length-prefixed texts one after the other.
private struct BigEndianReader {
    private var index = 0

    mutating func number(_ byteCount: Int, of bytes: Swift.Span<UInt8>) -> UInt64? {
        guard bytes.count - index >= byteCount else { return nil }
        var number: UInt64 = 0
        for _ in 0..<byteCount {
            number = number << 8 | UInt64(bytes[index])
            index += 1
        }
        return number
    }

    mutating func text(of bytes: Swift.Span<UInt8>) -> String? {
        guard let length = number(4, of: bytes), bytes.count - index >= Int(length) else {
            return nil
        }
        let content = bytes.extracting(index..<index + Int(length))
        index += Int(length)
        return String(decoding: content.copied, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
