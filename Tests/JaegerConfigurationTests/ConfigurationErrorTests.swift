import Testing

@testable import JaegerConfiguration

@Suite struct ConfigurationErrorTests {
    private func failure(_ environment: [String: String]) -> ConfigurationError? {
        do {
            _ = try TracingConfiguration(environment: environment)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a port that is out of range is rejected with the range of ports`() throws {
        for port in ["65536", "99999"] {
            let error = try #require(failure(["JAEGER_ENDPOINT": "http://h:\(port)/"]))
            #expect("\(error)".contains("a port of at most 65535"))
        }
        #expect(failure(["JAEGER_ENDPOINT": "http://h:65535/"]) == nil)
    }

    @Test(
        arguments: [
            ["JAEGER_DISABLED": "maybe"], ["OTEL_SDK_DISABLED": "yes"],
            ["JAEGER_TRACEID_128BIT": "128"], ["JAEGER_TAGS": "a"], ["JAEGER_TAGS": "a=${}"],
            ["OTEL_RESOURCE_ATTRIBUTES": "a"], ["JAEGER_PROPAGATION": "jaeger,xray"],
            ["JAEGER_PROPAGATION": ","], ["OTEL_PROPAGATORS": ",,"], ["OTEL_TRACES_EXPORTER": ","],
            ["JAEGER_SAMPLER_HOST": "a b"], ["JAEGER_SAMPLER_PORT": "65536"],
            ["JAEGER_ENDPOINT": "http://h:abc/"], ["JAEGER_DISABLE": "maybe"],
            ["OTEL_PROPAGATORS": "ottrace"], ["OTEL_PROPAGATORS": "none,b3"],
            ["JAEGER_SAMPLER_TYPE": "adaptive"], ["OTEL_TRACES_SAMPLER": "xray"],
            ["OTEL_TRACES_SAMPLER": "parentbased_"], ["JAEGER_SAMPLING_ENDPOINT": "h:5778"],
            ["JAEGER_SAMPLER_MANAGER_HOST_PORT": "ftp://h"], ["JAEGER_ENDPOINT": "h:14268"],
            ["JAEGER_REPORTER_LOG_SPANS": "2"], ["JAEGER_REPORTER_MAX_QUEUE_SIZE": "0"],
            ["JAEGER_REPORTER_FLUSH_INTERVAL": "soon"], ["JAEGER_REPORTER_TIMEOUT": "0"],
            ["JAEGER_AGENT_HOST": "localhost"], ["JAEGER_AGENT_PORT": "6831"],
            ["JAEGER_REPORTER_AGENT_HOST": "h"], ["JAEGER_REPORTER_AGENT_PORT": "6831"],
            ["JAEGER_REPORTER_ENDPOINT": "h:14268"],
            ["OTEL_TRACES_EXPORTER": "zipkin"], ["OTEL_TRACES_EXPORTER": "otlp,jaeger"],
            ["OTEL_TRACES_EXPORTER": "otlp,none"], ["OTEL_EXPORTER_OTLP_ENDPOINT": "h"],
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "grpc://h"], ["OTEL_BSP_SCHEDULE_DELAY": "-1"],
            ["OTEL_BSP_EXPORT_TIMEOUT": "x"], ["OTEL_BSP_MAX_QUEUE_SIZE": "1.5"],
            ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "0"], ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "-1"],
            ["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "x"], ["OTEL_SPAN_LINK_COUNT_LIMIT": "x"],
            ["OTEL_SPAN_EVENT_COUNT_LIMIT": "x"], ["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "x"],
        ])
    func `the error contains the variable and its value`(environment: [String: String]) throws {
        let error = try #require(failure(environment))
        let (name, value) = try #require(environment.first)
        #expect(error.variable == name)
        #expect(error.value == value)
        #expect(!error.expected.isEmpty)
        #expect(error.description == "\(name)=\(value): expected \(error.expected)")
    }

    @Test(
        arguments: [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "x"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
            ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "x"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "x"),
        ])
    func `OTLP variables are checked if OTLP is selected`(name: String, value: String) {
        let error = failure([name: value, "OTEL_TRACES_EXPORTER": "otlp"])
        #expect(error?.variable == name && error?.value == value)
    }

    @Test(
        arguments: [
            ("const", "maybe"), ("probabilistic", "1.1"), ("probabilistic", "nan"),
            ("ratelimiting", "-1"), ("remote", "2"),
        ])
    func `a parameter must fit its sampler`(type: String, parameter: String) {
        let error = failure(["JAEGER_SAMPLER_TYPE": type, "JAEGER_SAMPLER_PARAM": parameter])
        #expect(error?.variable == "JAEGER_SAMPLER_PARAM" && error?.value == parameter)
    }

    @Test(
        arguments: [
            ("traceidratio", "2"), ("jaeger_remote", "endpoint=h:14250"),
            ("jaeger_remote", "pollingIntervalMs=0.5"), ("jaeger_remote", "pollingIntervalMs=999"),
            ("jaeger_remote", "initialSamplingRate=2"),
            ("jaeger_remote", "unknown=1"), ("jaeger_remote", "0.5"),
        ])
    func `an argument must fit its OpenTelemetry sampler`(sampler: String, argument: String) {
        let error = failure(["OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument])
        #expect(error?.variable == "OTEL_TRACES_SAMPLER_ARG" && error?.value == argument)
    }

    @Test func `a remote sampler polls at most once a second`() {
        let error = failure([
            "JAEGER_SAMPLER_TYPE": "remote", "JAEGER_SAMPLER_REFRESH_INTERVAL": "1ns",
        ])
        #expect(error?.variable == "JAEGER_SAMPLER_REFRESH_INTERVAL" && error?.value == "1ns")
    }

    @Test(arguments: ["sampling", "/a b"])
    func `the path of the sampling endpoint must be valid in a URL`(path: String) {
        let error = failure(["JAEGER_SAMPLER_PORT": "1", "JAEGER_SAMPLER_SAMPLING_PATH": path])
        #expect(error?.variable == "JAEGER_SAMPLER_SAMPLING_PATH")
    }

    @Test func `a parameter without its sampler is an error`() {
        let error = failure(["JAEGER_SAMPLER_PARAM": "1"])
        #expect(error?.variable == "JAEGER_SAMPLER_TYPE")
        #expect(error?.value == nil)
        #expect(error?.description.hasPrefix("JAEGER_SAMPLER_TYPE is not set: expected") == true)
    }

    @Test(
        arguments: [
            ["JAEGER_USER": "s3cret"], ["JAEGER_PASSWORD": "s3cret"],
            ["JAEGER_USER": "s3:cret", "JAEGER_PASSWORD": "s3cret"],
            ["JAEGER_REPORTER_USER": "s3cret"], ["JAEGER_REPORTER_PASSWORD": "s3cret"],
            ["JAEGER_REPORTER_USER": "s3:cret", "JAEGER_PASSWORD": "s3cret"],
            ["JAEGER_AUTH_TOKEN": "s3 cret"],
            ["JAEGER_AUTH_TOKEN": "s3cret", "JAEGER_USER": "u", "JAEGER_PASSWORD": "s3cret"],
            ["OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_HEADERS": "s3cret"],
            [
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "a=s3cret%0D%0A",
            ],
            ["JAEGER_ENDPOINT": "ftp://user:s3cret@host/"],
            ["JAEGER_ENDPOINT": "http://user:s3cret@host/"],
            ["JAEGER_ENDPOINT": "http://user:s3/c@ret@host/"],
            ["JAEGER_ENDPOINT": "http://user:s3?c#ret@host/"],
            ["JAEGER_ENDPOINT": "h:14268/?token=s3cret"], ["JAEGER_ENDPOINT": "ftp://h/#s3cret"],
            ["JAEGER_SAMPLING_ENDPOINT": "ftp://h/sampling?token=s3cret"],
            ["OTEL_TRACES_SAMPLER": "jaeger_remote", "OTEL_TRACES_SAMPLER_ARG": "http://h?s3cret"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "user:s3cret@host:4318"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://h", "JAEGER_AUTH_TOKEN": "s3 cret"],
        ])
    func `secrets are redacted`(environment: [String: String]) throws {
        let error = try #require(failure(environment))
        #expect(!error.description.contains("s3"), "\(error)")
    }

    @Test func `the part before the query is shown`() {
        let error = failure(["JAEGER_ENDPOINT": "ftp://u@h/path?token=t"])
        #expect(error?.value == "ftp://***@h/path?***")
    }
}
