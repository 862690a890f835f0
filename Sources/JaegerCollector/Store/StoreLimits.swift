/// How much a ``TraceStore`` keeps, in all and of a single trace.
///
/// When a bound of the whole store is exceeded, the oldest traces are evicted. When a trace exceeds its own bound, its
/// further spans are dropped and the trace is marked as truncated; other traces are not affected.
public struct StoreLimits: Sendable, Hashable {
    /// How many spans are kept; at least 1.
    ///
    /// Default 100 000: some hours of a busy demo. A search that its service, operation and time do not narrow decodes all of
    /// them, until it has found as many traces as it wants.
    public var maxSpans: Int
    /// How much memory spans may take, estimated, in bytes; at least 64 KiB.
    ///
    /// Less holds hardly a trace, so that nothing that is sent would be found. Default 256 MiB: room for ``maxSpans`` spans of 2.5 KiB, on a machine that also runs the services.
    public var maxBytes: Int
    /// How many spans of one trace are kept; within 1…``maxSpans``.
    ///
    /// Default half of ``maxSpans``, so that a trace without an end leaves room for others.
    public var maxSpansPerTrace: Int
    /// How much memory the spans of one trace may take, estimated, in bytes; from 32 KiB to ``maxBytes``.
    ///
    /// Default half of ``maxBytes``.
    public var maxBytesPerTrace: Int

    /// The smallest memory for all spans that a collector accepts: 64 KiB.
    package static let minBytes = 64 << 10
    /// The smallest memory for the spans of one trace that a collector accepts: 32 KiB.
    package static let minTraceBytes = 32 << 10

    /// Makes limits.
    ///
    /// A value out of its range is reported by ``Collector/init(_:logger:)``; a ``TraceStore`` of its own takes any
    /// amount of memory from 1 byte, and else the nearest value in range.
    ///
    /// - Parameters:
    ///   - maxSpans: How many spans are kept.
    ///   - maxBytes: How much memory spans may take, in bytes.
    ///   - maxSpansPerTrace: How many spans of one trace are kept; nil for half of `maxSpans`.
    ///   - maxBytesPerTrace: How much memory the spans of one trace may take, in bytes; nil for half of `maxBytes`.
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

    /// The same limits, each at the nearest value in its range.
    var clamped: StoreLimits {
        let spans = max(1, maxSpans)
        let bytes = max(1, maxBytes)
        return StoreLimits(
            maxSpans: spans, maxBytes: bytes,
            maxSpansPerTrace: min(max(1, maxSpansPerTrace), spans),
            maxBytesPerTrace: min(max(1, maxBytesPerTrace), bytes))
    }

    /// The name of the first member that is out of its range, with its value and the range; nil when all are in range.
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
