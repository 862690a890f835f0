import CoreMetrics

/// The counters of a tracer, with the names of Jaeger's clients.
///
/// They are created once, with the tracer: bootstrap the metrics system before. It is a class, so that a span retains
/// one reference and not one for each counter.
final class TracerMetrics: Sendable {
    /// The limits that a span can exceed.
    enum Limit: String, CaseIterable {
        case tagCount, tagBytes, logCount, logFieldCount, referenceCount, operationNameBytes
    }

    /// The sampling state when a span starts or ends.
    enum Sampling: String {
        case sampled = "y"
        case unsampled = "n"
        /// The sampler has not decided.
        case delayed
    }

    private struct SamplingCounters {
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

    private let tracesStarted, tracesJoined, spansStarted, spansFinished: SamplingCounters
    private let decodingErrors, contextConflicts, throttledDebugSpans: Counter
    private let heldSpans: [HeldSpanOutcome: Counter]
    private let baggageTruncations, baggageUpdates, baggageRejections: Counter
    private let limitsExceeded: [Limit: Counter]

    init(factory: any MetricsFactory) {
        func counter(_ name: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: "jaeger_tracer_" + name, dimensions: dimensions, factory: factory)
        }
        tracesStarted = SamplingCounters {
            counter("traces", ("state", "started"), ("sampled", $0))
        }
        tracesJoined = SamplingCounters { counter("traces", ("state", "joined"), ("sampled", $0)) }
        spansStarted = SamplingCounters { counter("started_spans", ("sampled", $0)) }
        spansFinished = SamplingCounters { counter("finished_spans", ("sampled", $0)) }
        throttledDebugSpans = counter("throttled_debug_spans")
        heldSpans = Dictionary(
            uniqueKeysWithValues: HeldSpanOutcome.allCases.map { outcome in
                (outcome, counter("held_spans", ("result", outcome.rawValue)))
            })
        decodingErrors = counter("span_context_decoding_errors")
        contextConflicts = counter("span_context_conflicts")
        baggageTruncations = counter("baggage_truncations")
        baggageUpdates = counter("baggage_updates", ("result", "ok"))
        baggageRejections = counter("baggage_updates", ("result", "err"))
        limitsExceeded = Dictionary(
            uniqueKeysWithValues: Limit.allCases.map { limit in
                (limit, counter("span_limit_exceeded", ("limit", limit.rawValue)))
            })
    }

    /// Counts the start of a span: in a new trace, in a trace received from another process, or in a local one.
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

    /// Counts a debug request that was not allowed.
    func debugThrottled() {
        throttledDebugSpans.increment()
    }

    /// Counts spans that are no longer held.
    func held(_ outcome: HeldSpanOutcome, by count: Int) {
        heldSpans[outcome]?.increment(by: count)
    }

    /// Counts formats in which a received context was malformed.
    func decodingFailed(_ formatCount: Int) {
        decodingErrors.increment(by: formatCount)
    }

    /// Counts a message in which two formats named different spans.
    func contextsConflicted() {
        contextConflicts.increment()
    }

    /// Counts received baggage pairs that were dropped.
    func baggageTruncated(by count: Int) {
        baggageTruncations.increment(by: count)
    }

    func baggageUpdated(_ change: BaggageChange) {
        if change.isTruncated { baggageTruncations.increment() }
        switch change.outcome {
        case .set, .replaced: baggageUpdates.increment()
        case .invalidKey, .forbiddenKey: baggageRejections.increment()
        case .overLimit:
            baggageRejections.increment()
            baggageTruncations.increment()
        }
    }

    func exceeded(_ limit: Limit, by count: Int = 1) {
        limitsExceeded[limit]?.increment(by: count)
    }
}

/// The result for a span that was held.
enum HeldSpanOutcome: String, CaseIterable {
    /// It was reported.
    case reported
    /// It was discarded.
    case discarded
    /// It was evicted because the limits were reached.
    case evicted
    /// It ended after its local root and its trace was discarded.
    case late
}
