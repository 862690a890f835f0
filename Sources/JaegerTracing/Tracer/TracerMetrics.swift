import CoreMetrics

/// What a tracer counts of itself, under the names of Jaeger's clients.
///
/// The counters are made once, with the tracer: bootstrap the metrics system before. A class, so that
/// a span counts one reference and not one for each counter.
final class TracerMetrics: Sendable {
    /// A limit that a span can exceed.
    enum Limit: String, CaseIterable {
        case tagCount, tagBytes, logCount, logFieldCount, referenceCount, operationNameBytes
    }

    /// What is known of sampling when a span begins or ends.
    enum Sampling: String {
        case sampled = "y"
        case unsampled = "n"
        /// The sampler has not made up its mind.
        case delayed
    }

    private struct BySampling {
        let sampled, unsampled, delayed: Counter

        init(_ counter: (String) -> Counter) {
            sampled = counter(Sampling.sampled.rawValue)
            unsampled = counter(Sampling.unsampled.rawValue)
            delayed = counter(Sampling.delayed.rawValue)
        }

        func increment(_ sampling: Sampling) {
            switch sampling {
            case .sampled: sampled.increment()
            case .unsampled: unsampled.increment()
            case .delayed: delayed.increment()
            }
        }
    }

    private let tracesStarted, tracesJoined, spansStarted, spansFinished: BySampling
    private let decodingErrors, contextConflicts, throttledDebugSpans: Counter
    private let heldSpans: [HeldSpanOutcome: Counter]
    private let baggageTruncations, baggageUpdates, baggageRefusals: Counter
    private let limitsExceeded: [Limit: Counter]

    init(factory: any MetricsFactory) {
        func counter(_ name: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: "jaeger_tracer_" + name, dimensions: dimensions, factory: factory)
        }
        tracesStarted = BySampling { counter("traces", ("state", "started"), ("sampled", $0)) }
        tracesJoined = BySampling { counter("traces", ("state", "joined"), ("sampled", $0)) }
        spansStarted = BySampling { counter("started_spans", ("sampled", $0)) }
        spansFinished = BySampling { counter("finished_spans", ("sampled", $0)) }
        throttledDebugSpans = counter("throttled_debug_spans")
        heldSpans = Dictionary(
            uniqueKeysWithValues: HeldSpanOutcome.allCases.map { outcome in
                (outcome, counter("held_spans", ("result", outcome.rawValue)))
            })
        decodingErrors = counter("span_context_decoding_errors")
        contextConflicts = counter("span_context_conflicts")
        baggageTruncations = counter("baggage_truncations")
        baggageUpdates = counter("baggage_updates", ("result", "ok"))
        baggageRefusals = counter("baggage_updates", ("result", "err"))
        limitsExceeded = Dictionary(
            uniqueKeysWithValues: Limit.allCases.map { limit in
                (limit, counter("span_limit_exceeded", ("limit", limit.rawValue)))
            })
    }

    /// A span starts: in a new trace, in one that came from another process, or in one of ours.
    func started(_ sampling: Sampling, isNewTrace: Bool, isJoined: Bool) {
        spansStarted.increment(sampling)
        if isNewTrace {
            tracesStarted.increment(sampling)
        } else if isJoined {
            tracesJoined.increment(sampling)
        }
    }

    func finished(_ sampling: Sampling) {
        spansFinished.increment(sampling)
    }

    /// Debug was asked for and not granted.
    func debugThrottled() {
        throttledDebugSpans.increment()
    }

    /// Spans that were held are so no longer.
    func held(_ outcome: HeldSpanOutcome, by count: Int) {
        heldSpans[outcome]?.increment(by: count)
    }

    /// A context came in whose text is malformed, in so many formats.
    func decodingFailed(_ formatCount: Int) {
        decodingErrors.increment(by: formatCount)
    }

    /// Two formats of a message named different spans.
    func contextsConflicted() {
        contextConflicts.increment()
    }

    /// Pairs of baggage that came in were left out.
    func baggageTruncated(by count: Int) {
        baggageTruncations.increment(by: count)
    }

    func baggageUpdated(_ change: BaggageChange) {
        if change.isTruncated { baggageTruncations.increment() }
        switch change.outcome {
        case .set, .replaced: baggageUpdates.increment()
        case .invalidKey, .forbiddenKey: baggageRefusals.increment()
        case .overLimit:
            baggageRefusals.increment()
            baggageTruncations.increment()
        }
    }

    func exceeded(_ limit: Limit, by count: Int = 1) {
        limitsExceeded[limit]?.increment(by: count)
    }
}

/// What became of a span that was held.
enum HeldSpanOutcome: String, CaseIterable {
    /// It was reported after all.
    case reported
    /// It was not worth a report.
    case forgotten
    /// There was no room.
    case evicted
    /// It ended after its local root, and would have been held.
    case late
}
