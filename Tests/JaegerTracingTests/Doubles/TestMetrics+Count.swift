import MetricsTestKit

extension TestMetrics {
    /// Returns the value of a tracer's counter; zero if it has not been incremented.
    func count(_ name: String, _ dimensions: (String, String)...) -> Int64 {
        let counter = try? expectCounter("jaeger_tracer_" + name, dimensions)
        return counter?.values.reduce(0, +) ?? 0
    }

    /// The results of the spans that were held.
    var heldCounts: [String: Int64] {
        var counts: [String: Int64] = [:]
        for result in ["reported", "discarded", "evicted", "late"] {
            counts[result] = count("held_spans", ("result", result))
        }
        return counts.filter { $0.value != 0 }
    }

    /// The number of spans that have started, with any sampling state.
    var startedCount: Int64 {
        ["y", "n", "delayed"].reduce(0) { $0 + count("started_spans", ("sampled", $1)) }
    }

    /// The number of spans that have ended, with any sampling state.
    var finishedCount: Int64 {
        ["y", "n", "delayed"].reduce(0) { $0 + count("finished_spans", ("sampled", $1)) }
    }
}
