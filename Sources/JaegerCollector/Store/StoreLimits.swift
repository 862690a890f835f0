/// How much a ``TraceStore`` keeps, in all and of a single trace.
///
/// When a bound of the whole store is exceeded, the oldest traces are evicted. When a trace exceeds its own bound, its
/// further spans are dropped and the trace is marked as truncated; other traces are not affected.
public struct StoreLimits: Sendable, Hashable {
    /// How many spans are kept; at least 1.
    ///
    /// Default 100 000: some hours of a busy demo. A search that its service, operation and time do not narrow decodes all of
    /// them, until it has found as many traces as it wants.
    public var spansMax: Int
    /// How much memory spans may take, estimated, in bytes; at least 64 KiB.
    ///
    /// Less holds hardly a trace, so that nothing that is sent would be found. Default 256 MiB: room for ``spansMax`` spans of 2.5 KiB, on a machine that also runs the services.
    public var bytesMax: Int
    /// How many spans of one trace are kept; within 1…``spansMax``.
    ///
    /// Default half of ``spansMax``, so that a trace without an end leaves room for others.
    public var traceSpansMax: Int
    /// How much memory the spans of one trace may take, estimated, in bytes; from 32 KiB to ``bytesMax``.
    ///
    /// Default half of ``bytesMax``.
    public var traceBytesMax: Int

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
    ///   - spansMax: How many spans are kept.
    ///   - bytesMax: How much memory spans may take, in bytes.
    ///   - traceSpansMax: How many spans of one trace are kept; nil for half of `spansMax`.
    ///   - traceBytesMax: How much memory the spans of one trace may take, in bytes; nil for half of `bytesMax`.
    public init(
        spansMax: Int = 100_000, bytesMax: Int = 256 << 20,
        traceSpansMax: Int? = nil, traceBytesMax: Int? = nil
    ) {
        self.spansMax = spansMax
        self.bytesMax = bytesMax
        self.traceSpansMax = traceSpansMax ?? Self.half(of: spansMax)
        self.traceBytesMax = traceBytesMax ?? Self.half(of: bytesMax)
    }

    private static func half(of limit: Int) -> Int { limit > 1 ? limit / 2 : limit }

    /// The same limits, each at the nearest value in its range.
    var clamped: StoreLimits {
        let spans = max(1, spansMax)
        let bytes = max(1, bytesMax)
        return StoreLimits(
            spansMax: spans, bytesMax: bytes,
            traceSpansMax: min(max(1, traceSpansMax), spans),
            traceBytesMax: min(max(1, traceBytesMax), bytes))
    }

    /// The name of the first member that is out of its range, with its value and the range; nil when all are in range.
    var violation: (name: String, value: Int, range: ClosedRange<Int>)? {
        let checks = [
            ("spansMax", spansMax, 1...Int.max), ("bytesMax", bytesMax, Self.minBytes...Int.max),
            ("traceSpansMax", traceSpansMax, 1...max(1, spansMax)),
            (
                "traceBytesMax", traceBytesMax,
                Self.minTraceBytes...max(Self.minTraceBytes, bytesMax)
            ),
        ]
        for (name, value, range) in checks where !range.contains(value) {
            return (name, value, range)
        }
        return nil
    }
}
