import JaegerReporter
import HTTPTypes
import SpoorTLS
import Testing

@testable import JaegerConfiguration

@Suite struct CollectorConfigurationTests {
    private static let otlp = "http://127.0.0.1:4318/v1/traces"

    private func collector(_ environment: [String: String]) throws -> CollectorEndpoint? {
        try TracingConfiguration(environment: environment).collector
    }

    @Test(
        arguments: [
            (
                ["JAEGER_ENDPOINT": "http://h:1/api/traces?format=x"],
                "http://h:1/api/traces?format=x"
            ),
            (["JAEGER_ENDPOINT": "http://h:1/", "JAEGER_AGENT_HOST": "a"], "http://h:1/"),
            (["JAEGER_REPORTER_ENDPOINT": "http://n:2/"], "http://n:2/"),
            (["JAEGER_ENDPOINT": "http://h:/api/traces"], "http://h:/api/traces"),
            (["JAEGER_ENDPOINT": "http://[fe80::1%25lo]/"], "http://[fe80::1%25lo]/"),
            (
                ["JAEGER_ENDPOINT": "http://h:1/", "JAEGER_REPORTER_ENDPOINT": "http://n:2/"],
                "http://h:1/"
            ),
            (["JAEGER_ENDPOINT": "http://h:1/", "OTEL_TRACES_EXPORTER": "otlp"], "http://h:1/"),
            (["OTEL_TRACES_EXPORTER": "jaeger"], HTTPReporter.localEndpoint),
        ])
    func `Jaeger's collector is configured`(environment: [String: String], url: String) throws {
        let collector = try #require(try collector(environment))
        #expect(collector.format == .jaegerThrift)
        #expect(collector.url == url)
    }

    @Test(
        arguments: [
            (["OTEL_TRACES_EXPORTER": "otlp"], otlp),
            (["OTEL_TRACES_EXPORTER": "otlp", "JAEGER_AGENT_HOST": "a"], otlp),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:1"], "http://h:1/v1/traces"),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "https://h/x/"], "https://h/x/v1/traces"),
            (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:"], "http://h:/v1/traces"),
            (
                ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://[fe80::1%25lo]:4318"],
                "http://[fe80::1%25lo]:4318/v1/traces"
            ),
            (
                ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4318/base?x=1"],
                "http://h:4318/base/v1/traces?x=1"
            ),
            (
                [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:1",
                    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t:2/p",
                    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                ], "http://t:2/p"
            ),
        ])
    func `an OTLP collector is configured`(environment: [String: String], url: String) throws {
        let collector = try #require(try collector(environment))
        #expect(collector.format == .otlp)
        #expect(collector.url == url)
        #expect(collector.compression == .none)
        #expect(collector.tls.trustRoots == .system)
    }

    @Test(
        arguments: [
            ("none", false), ("console", true), ("logging", true), ("none,console", true),
        ])
    func `no collector is configured`(exporter: String, logsSpans: Bool) throws {
        let configuration = try TracingConfiguration(environment: ["OTEL_TRACES_EXPORTER": exporter]
        )
        #expect(configuration.collector == nil)
        #expect(configuration.logsSpans == logsSpans)
    }

    @Test func `spans can be logged in addition`() throws {
        let one = try TracingConfiguration(environment: ["OTEL_TRACES_EXPORTER": "otlp, console"])
        #expect(one.collector?.format == .otlp && one.logsSpans)
        let other = try TracingConfiguration(environment: ["JAEGER_REPORTER_LOG_SPANS": "true"])
        #expect(other.collector?.format == .jaegerThrift && other.logsSpans)
    }

    @Test func `a user with a password, or a token, is used for Jaeger's collector`() throws {
        let basic = try collector(["JAEGER_USER": "u", "JAEGER_PASSWORD": " p:w "])
        #expect(basic?.authorization == .basic(user: "u", password: " p:w "))
        #expect(try collector(["JAEGER_AUTH_TOKEN": " t "])?.authorization == .bearer("t"))
        let old = try collector(["JAEGER_REPORTER_USER": "o", "JAEGER_REPORTER_PASSWORD": "w"])
        #expect(old?.authorization == .basic(user: "o", password: "w"))
    }

    @Test func `credentials are used for an OTLP collector as well`() throws {
        let otlp = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://h"]
        let basic = try collector(
            otlp.merging(["JAEGER_USER": "u", "JAEGER_PASSWORD": "p"]) { $1 })
        #expect(basic?.authorization == .basic(user: "u", password: "p"))
        let bearer = try collector(otlp.merging(["JAEGER_AUTH_TOKEN": "t"]) { $1 })
        #expect(bearer?.authorization == .bearer("t"))
    }

    @Test func `OTLP options are used`() throws {
        let collector = try #require(
            try collector([
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_HEADERS": "ignored=1",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=a%20b, x-tenant=c=d",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
            ]))
        #expect(collector.headers.map(\.name.canonicalName) == ["api-key", "x-tenant"])
        #expect(collector.headers.map(\.value) == ["a b", "c=d"])
        #expect(collector.compression == .gzip)
        #expect(collector.tls.trustRoots == .file("/ca.pem"))
    }
}
