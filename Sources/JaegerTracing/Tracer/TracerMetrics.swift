import Metrics

/// What a tracer counts of itself, under the names of Jaeger's clients.
///
/// The counters are made once, with the tracer: bootstrap the metrics system before. A class, so that
/// a span counts one reference and not one for each counter.
final class TracerMetrics: Sendable {
    /// A limit that a span can exceed.
    enum Limit: String, CaseIterable {
        case tagCount, tagBytes, logCount, logFieldCount, referenceCount, operationNameBytes
    }

    private let startedSampled, startedUnsampled, joinedSampled, joinedUnsampled: Counter
    private let spansSampled, spansUnsampled, finishedSampled, finishedUnsampled: Counter
    private let decodingErrors, contextConflicts: Counter
    private let baggageTruncations, baggageUpdates, baggageRefusals: Counter
    private let limitsExceeded: [Limit: Counter]

    init(factory: any MetricsFactory) {
        func counter(_ name: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: "jaeger_tracer_" + name, dimensions: dimensions, factory: factory)
        }
        startedSampled = counter("traces", ("state", "started"), ("sampled", "y"))
        startedUnsampled = counter("traces", ("state", "started"), ("sampled", "n"))
        joinedSampled = counter("traces", ("state", "joined"), ("sampled", "y"))
        joinedUnsampled = counter("traces", ("state", "joined"), ("sampled", "n"))
        spansSampled = counter("started_spans", ("sampled", "y"))
        spansUnsampled = counter("started_spans", ("sampled", "n"))
        finishedSampled = counter("finished_spans", ("sampled", "y"))
        finishedUnsampled = counter("finished_spans", ("sampled", "n"))
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
    func started(isSampled: Bool, isNewTrace: Bool, isJoined: Bool) {
        (isSampled ? spansSampled : spansUnsampled).increment()
        if isNewTrace {
            (isSampled ? startedSampled : startedUnsampled).increment()
        } else if isJoined {
            (isSampled ? joinedSampled : joinedUnsampled).increment()
        }
    }

    func finished(isSampled: Bool) {
        (isSampled ? finishedSampled : finishedUnsampled).increment()
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
