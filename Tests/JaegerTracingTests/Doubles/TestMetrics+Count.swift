import MetricsTestKit

extension TestMetrics {
    /// What a counter of a tracer has come to; zero if nobody has counted.
    func count(_ name: String, _ dimensions: (String, String)...) -> Int64 {
        let counter = try? expectCounter("jaeger_tracer_" + name, dimensions)
        return counter?.values.reduce(0, +) ?? 0
    }

    /// What became of the spans that were held.
    var heldCounts: [String: Int64] {
        var counts: [String: Int64] = [:]
        for result in ["reported", "forgotten", "evicted", "late"] {
            counts[result] = count("held_spans", ("result", result))
        }
        return counts.filter { $0.value != 0 }
    }

    /// How many spans have begun, whatever their sampling.
    var startedCount: Int64 {
        ["y", "n", "delayed"].reduce(0) { $0 + count("started_spans", ("sampled", $1)) }
    }

    /// How many spans have ended, whatever their sampling.
    var finishedCount: Int64 {
        ["y", "n", "delayed"].reduce(0) { $0 + count("finished_spans", ("sampled", $1)) }
    }
}
