/// The limits of a ``TraceStore``, in total and of a single trace.
///
/// When a limit of the whole store is exceeded, the oldest traces are evicted. When a trace exceeds its own limit, its
/// further spans are dropped and the trace is marked as truncated; other traces are not affected.
public struct StoreLimits: Sendable, Hashable {
    /// The maximum number of spans; at least 1.
    ///
    /// Default 100 000: some hours of a busy demo. A search that is not narrowed by service, operation and time decodes
    /// all of them, until it has found enough traces.
    public var maxSpans: Int
    /// The maximum memory of all spans, estimated, in bytes; at least 64 KiB.
    ///
    /// With less, the store might not hold a single trace, so that no received trace would be found. Default 256 MiB: room for
    /// ``maxSpans`` spans of 2.5 KiB, on a machine that also runs the services.
    public var maxBytes: Int
    /// The maximum number of spans of one trace; within 1…``maxSpans``.
    ///
    /// Default half of ``maxSpans``, so that an endless trace leaves room for others.
    public var maxSpansPerTrace: Int
    /// The maximum memory of the spans of one trace, estimated, in bytes; from 32 KiB to ``maxBytes``.
    ///
    /// Default half of ``maxBytes``.
    public var maxBytesPerTrace: Int

    /// The minimum of ``maxBytes`` that a collector accepts: 64 KiB.
    package static let minBytes = 64 << 10
    /// The minimum of ``maxBytesPerTrace`` that a collector accepts: 32 KiB.
    package static let minTraceBytes = 32 << 10

    /// Creates limits.
    ///
    /// A value out of range is reported by ``Collector/init(_:logger:)``; a separate ``TraceStore`` accepts any amount
    /// of memory from 1 byte, and otherwise uses the nearest value in range.
    ///
    /// - Parameters:
    ///   - maxSpans: The maximum number of spans.
    ///   - maxBytes: The maximum memory of all spans, in bytes.
    ///   - maxSpansPerTrace: The maximum number of spans of one trace; nil for half of `maxSpans`.
    ///   - maxBytesPerTrace: The maximum memory of the spans of one trace, in bytes; nil for half of `maxBytes`.
    public init(
        maxSpans: Int = 100_000, maxBytes: Int = 256 << 20,
        maxSpansPerTrace: Int? = nil, maxBytesPerTrace: Int? = nil
    ) {
        self.maxSpans = maxSpans
        self.maxBytes = maxBytes
        self.maxSpansPerTrace = maxSpansPerTrace ?? Self.half(of: maxSpans)
        self.maxBytesPerTrace = maxBytesPerTrace ?? Self.half(of: maxBytes)
    }

    private static func half(of limit: Int) -> Int { limit > 1 ? limit / 2 : limit }

    /// The same limits, each at the nearest value in range.
    var clamped: StoreLimits {
        let spans = max(1, maxSpans)
        let bytes = max(1, maxBytes)
        return StoreLimits(
            maxSpans: spans, maxBytes: bytes,
            maxSpansPerTrace: min(max(1, maxSpansPerTrace), spans),
            maxBytesPerTrace: min(max(1, maxBytesPerTrace), bytes))
    }

    /// The name of the first property that is out of range, with its value and the range; nil if all are in range.
    var violation: (name: String, value: Int, range: ClosedRange<Int>)? {
        let checks = [
            ("maxSpans", maxSpans, 1...Int.max), ("maxBytes", maxBytes, Self.minBytes...Int.max),
            ("maxSpansPerTrace", maxSpansPerTrace, 1...max(1, maxSpans)),
            (
                "maxBytesPerTrace", maxBytesPerTrace,
                Self.minTraceBytes...max(Self.minTraceBytes, maxBytes)
            ),
        ]
        for (name, value, range) in checks where !range.contains(value) {
            return (name, value, range)
        }
        return nil
    }
}
