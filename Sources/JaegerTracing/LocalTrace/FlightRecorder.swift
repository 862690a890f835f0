/// Holds the spans of unsampled traces in memory, and reports them afterwards if one failed or the local root was slow.
///
/// A sampler decides at the start of a trace, before it is known whether the request fails. With a flight recorder the
/// spans of an unsampled trace in this process are recorded and held in memory until the first of them, the local root,
/// ends. If one of them failed (tag `error`) or the local root was slow, they are reported, with the flag sampled and,
/// on the local root, the tags `sampler.type=flightrecorder` and `sampler.param=error` or `slow`; otherwise they are
/// discarded. Other services treated the trace as unsampled, so it contains only the spans of processes with a flight
/// recorder.
///
/// The held spans are bounded: beyond the limits whole traces are evicted, the oldest first. A span that ends after its
/// local root is reported or discarded like the root. The metric `held_spans` counts the spans by `result`:
/// `reported`, `discarded`, `evicted`, `late`.
///
/// An unsampled span with six tags then costs about 3.4 times as much as without a flight recorder, and 1.5 times as
/// much as a sampled one before encoding and export, because it is recorded, held and evaluated. `swift run -c release
/// --package-path Benchmarks/spans` measures all three in one run.
public struct FlightRecorder: Hashable, Sendable {
    /// The duration of the local root above which a trace is reported; nil if slow traces are not reported.
    public var slowerThan: Duration?
    /// The maximum number of ended spans that are held; 10 000.
    public var maxSpanCount: Int
    /// The approximate maximum of the memory of all held spans, in bytes; 16 MiB.
    public var maxByteCount: Int

    /// Creates a configuration; limits below zero count as zero.
    public init(
        slowerThan: Duration? = nil, maxSpanCount: Int = 10_000, maxByteCount: Int = 16 << 20
    ) {
        self.slowerThan = slowerThan
        self.maxSpanCount = max(0, maxSpanCount)
        self.maxByteCount = max(0, maxByteCount)
    }

    /// Returns why a trace is reported whose local root has ended; nil if it is not.
    func reason(hasFailed: Bool, root: FinishedSpan) -> String? {
        if hasFailed { return "error" }
        guard let slowerThan else { return nil }
        return Duration.nanoseconds(Int64(clamping: root.durationNanoseconds)) > slowerThan
            ? "slow" : nil
    }
}

extension FinishedSpan {
    /// Whether the span is tagged as failed (`error`).
    var hasFailed: Bool {
        tags.contains { tag in
            tag.key.utf8.count == 5 && tag.key == "error"
                && (tag.value == .bool(true) || tag.value == "true")
        }
    }
}
