/// Keeps the spans of unsampled traces for a while, and reports them after all when it was worth it.
///
/// A sampler decides before anything has happened. With a flight recorder the spans that an unsampled
/// trace has in this process are recorded and held in memory until the first of them, the local root,
/// ends. If one of them failed (tag `error`) or the local root was slow, they are reported, with the
/// flag sampled and, on the local root, the tags `sampler.type=flightrecorder` and
/// `sampler.param=error` or `slow`; otherwise they are forgotten. Other services saw an unsampled
/// trace and reported nothing, so such a trace shows this process alone, or all that have a recorder.
///
/// What is held is bounded: beyond the bounds whole traces are evicted, the oldest first. A span that
/// ends after its local root shares the root's fate. What became of the spans is counted
/// (`held_spans`, by `result`: `reported`, `forgotten`, `evicted`, `late`).
///
/// An unsampled span with six tags then costs about 3.4 times as much as without, and half as much again
/// as a sampled one before its encoding and sending: it records, is held, and is judged.
/// `swift run -c release --package-path Benchmarks/spans` measures all three in one run.
public struct FlightRecorder: Hashable, Sendable {
    /// A local root that lasts longer is worth a report; nil if slowness is not.
    public var slowerThan: Duration?
    /// The greatest number of spans that have ended and are held; 10 000.
    public var maxSpanCount: Int
    /// About the greatest memory that they take together, in bytes; 16 MiB.
    public var maxByteCount: Int

    /// Makes a configuration; bounds below zero are zero.
    public init(
        slowerThan: Duration? = nil, maxSpanCount: Int = 10_000, maxByteCount: Int = 16 << 20
    ) {
        self.slowerThan = slowerThan
        self.maxSpanCount = max(0, maxSpanCount)
        self.maxByteCount = max(0, maxByteCount)
    }

    /// Why a trace is reported whose local root has ended; nil if it is not.
    func reason(hasFailed: Bool, root: FinishedSpan) -> String? {
        if hasFailed { return "error" }
        guard let slowerThan else { return nil }
        return Duration.nanoseconds(Int64(clamping: root.durationNanoseconds)) > slowerThan
            ? "slow" : nil
    }
}

extension FinishedSpan {
    /// Whether the span says that its operation failed.
    var hasFailed: Bool {
        tags.contains { tag in
            tag.key.utf8.count == 5 && tag.key == "error"
                && (tag.value == .bool(true) || tag.value == "true")
        }
    }
}
