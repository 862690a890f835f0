import Glibc
import JaegerTracing

/// Prints the CPU time of a trace of two spans with six tags each, by its sampling: the median of several rounds, as a ratio to
/// the unsampled trace of the same round.
///
/// The rows are measured in turn in each round, so that changes of the machine's speed affect all of them. Nothing is encoded or
/// sent: the reporter discards the spans.
@main
struct SpanCost {
    private struct Row {
        let name: String
        let tracer: JaegerTracer
    }

    private static func tracer(
        _ isSampled: Bool, _ recorder: FlightRecorder? = nil
    ) -> JaegerTracer {
        var configuration = JaegerTracerConfiguration()
        configuration.flightRecorder = recorder
        return JaegerTracer(
            serviceName: "cost", reporter: NullReporter(), sampler: ConstSampler(isSampled),
            configuration: configuration)
    }

    static func main() {
        let rows = [
            Row(name: "unsampled", tracer: tracer(false)),
            Row(
                name: "unsampled, flight recorder",
                tracer: tracer(false, FlightRecorder(slowerThan: .seconds(10)))),
            Row(name: "sampled", tracer: tracer(true)),
        ]
        var times = rows.map { _ in [Double]() }
        for round in 0..<16 {
            for (index, row) in rows.enumerated() {
                let time = measure(row.tracer)
                if round > 0 { times[index].append(time) }
            }
        }
        for (row, own) in zip(rows, times) {
            let ratios = zip(own, times[0]).map { $0 / $1 }.sorted()
            let ratio = (ratios[ratios.count / 2] * 100).rounded() / 100
            let nanoseconds = Int(own.sorted()[own.count / 2])
            print("\(row.name): \(ratio) of unsampled, \(nanoseconds) ns a span")
        }
    }

    /// Nanoseconds of CPU time for each span.
    private static func measure(_ tracer: JaegerTracer) -> Double {
        let traceCount = 20_000
        let start = cpuTime()
        for number in 0..<traceCount {
            let root = tracer.startSpan("GET /items/{id}", childOf: nil, ofKind: .server)
            fill(root, number)
            let child = tracer.startSpan("query", childOf: root.spanContext, ofKind: .client)
            fill(child, number)
            child.end()
            root.end()
        }
        return (cpuTime() - start) / Double(2 * traceCount)
    }

    /// Sets the tags of an instrumentation, if the span is recording.
    private static func fill(_ span: JaegerSpan, _ number: Int) {
        guard span.isRecording else { return }
        span.setTag("component", "spoor")
        span.setTag("http.method", "GET")
        span.setTag("http.url", "http://127.0.0.1:8080/items/1")
        span.setTag("http.status_code", 200)
        span.setTag("peer.ipv4", "127.0.0.1")
        span.setTag("number", number)
    }

    private static func cpuTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
