import ArgumentParser
import Glibc
import JaegerReporter
import JaegerTracing
import Logging

/// Creates spans as fast as they can be exported, and prints their CPU time as one line of JSON.
///
/// Each span is started, gets six tags and a log, and is ended; every tenth span starts a trace, the others are its children.
/// The CPU time is that of the whole process: creating, queueing, encoding and sending spans.
@main
struct SpanLoad: AsyncParsableCommand {
    @Option(help: "Where spans are posted to; none is sent or kept without it.")
    var endpoint: String?

    @Option(help: "How many spans are measured, after a tenth as many to warm up.")
    var spans = 1_000_000

    func run() async throws {
        var logger = Logger(label: "spans")
        logger.logLevel = .critical
        let reporter = endpoint.map { HTTPReporter(endpoint: $0, logger: logger) }
        let tracer = JaegerTracer(
            serviceName: "benchmark", reporter: reporter ?? NullReporter())

        try await report(spans / 10, tracer, reporter)
        let before = Usage()
        let start = ContinuousClock.now
        try await report(spans, tracer, reporter)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let cpuSeconds = Usage().seconds - before.seconds

        let status = reporter?.status
        let lost = status.map { $0.finished - $0.sent } ?? 0
        print(
            "{\"spans\":\(spans),\"lost\":\(lost),\"cpu_seconds\":\(cpuSeconds),\"seconds\":\(seconds)}"
        )
        await reporter?.shutdown()
    }

    /// Creates spans, no faster than they are exported, and waits until the last one is exported.
    private func report(
        _ count: Int, _ tracer: JaegerTracer, _ reporter: HTTPReporter?
    ) async throws {
        var made = 0
        while made < count {
            // Half of the queue's limit: no span is dropped, and the queue is never empty, because 4 ms correspond to some
            // 1500 spans. Shorter sleeps would take half of the measured time.
            if let reporter, reporter.status.pending > 8192 {
                try await Task.sleep(for: .milliseconds(4))
                continue
            }
            for _ in 0..<100 {
                let parent = makeSpan(tracer, "GET /parts/{id}", childOf: nil)
                for _ in 0..<9 { _ = makeSpan(tracer, "count", childOf: parent) }
            }
            made += 1000
        }
        await reporter?.forceFlush()
    }

    private func makeSpan(
        _ tracer: JaegerTracer, _ name: String, childOf parent: SpanContext?
    ) -> SpanContext {
        let span = tracer.startSpan(name, childOf: parent)
        span.setTag("component", "benchmark")
        span.setTag("http.method", "GET")
        span.setTag("http.url", "http://127.0.0.1:8080/parts/7")
        span.setTag("http.status_code", 200)
        span.setTag("part.weight", 1.5)
        span.setTag("cached", false)
        span.log([SpanTag("event", "counted"), SpanTag("count", 7)])
        span.end()
        return span.spanContext
    }
}

/// The CPU time of all threads of this process so far.
private struct Usage {
    let seconds: Double

    init() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        seconds =
            Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1e6
    }
}
