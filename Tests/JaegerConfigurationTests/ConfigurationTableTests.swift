import JaegerReporter
import FoundationEssentials
import JaegerTracing
import Testing

@testable import JaegerConfiguration

/// Compares the table of variables with the code that reads them.
@Suite struct ConfigurationTableTests {
    private static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Documentation/Configuration.md")
        return (try? String(contentsOf: root, encoding: .utf8)) ?? ""
    }()

    /// The names in the first cells of the table's rows.
    private static var documented: Set<String> {
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let cells = rows.compactMap { $0.split(separator: "|").first }
        return Set(cells.flatMap { $0.matches(of: /`([A-Z0-9_]+)`/).map { String($0.1) } })
    }

    @Test func `every variable has a row, and every row is a variable`() {
        #expect(Self.documented == Set(EnvironmentVariable.allCases.map(\.rawValue)))
    }

    @Test func `defaults in the table are those of the code`() {
        let limits = ReporterLimits()
        let spans = SpanLimits()
        let remote = TracingConfiguration.RemoteSampling()
        for (variable, value) in [
            ("JAEGER_REPORTER_MAX_QUEUE_SIZE", "\(limits.maxQueueSize)"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "\(limits.maxExportBatchSize)"),
            ("JAEGER_REPORTER_FLUSH_INTERVAL", "\(limits.scheduleDelay.components.seconds)s"),
            ("JAEGER_REPORTER_TIMEOUT", "\(limits.exportTimeout.components.seconds)s"),
            (
                "OTEL_BSP_EXPORT_TIMEOUT",
                "\(limits.retries.maxElapsedTime.components.seconds / 60)m"
            ),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "\(spans.maxTagCount)"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "\(spans.maxLogFieldCount)"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "\(spans.maxLogCount)"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "\(spans.maxReferenceCount)"),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "\(spans.maxTagValueBytes)"),
            ("JAEGER_ENDPOINT", "`\(HTTPReporter.localEndpoint)`"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "`\(HTTPReporter.localOTLPEndpoint)`"),
            ("JAEGER_SAMPLING_ENDPOINT", "`\(remote.endpoint)`"),
            ("JAEGER_SAMPLER_MAX_OPERATIONS", "\(remote.maxOperationCount)"),
            ("JAEGER_SAMPLER_REFRESH_INTERVAL", "\(remote.interval.components.seconds / 60)m"),
        ] {
            let row = Self.page.split(separator: "\n").first { $0.hasPrefix("| `\(variable)`") }
            #expect(row?.hasSuffix(" \(value) |") == true, "\(variable): \(value)")
        }
    }
}
