/// The supported environment variables; `Documentation/Configuration.md` describes them.
///
/// The reader accepts no other names, so this list is complete.
package enum EnvironmentVariable: String, CaseIterable, Sendable {
    case jaegerDisabled = "JAEGER_DISABLED"
    case jaegerDisable = "JAEGER_DISABLE"
    case jaegerServiceName = "JAEGER_SERVICE_NAME"
    case jaegerTags = "JAEGER_TAGS"
    case jaegerTraceID128Bit = "JAEGER_TRACEID_128BIT"
    case jaegerPropagation = "JAEGER_PROPAGATION"

    case jaegerSamplerType = "JAEGER_SAMPLER_TYPE"
    case jaegerSamplerParam = "JAEGER_SAMPLER_PARAM"
    case jaegerSamplingEndpoint = "JAEGER_SAMPLING_ENDPOINT"
    case jaegerSamplerAddress = "JAEGER_SAMPLER_MANAGER_HOST_PORT"
    case jaegerSamplerHost = "JAEGER_SAMPLER_HOST"
    case jaegerSamplerPort = "JAEGER_SAMPLER_PORT"
    case jaegerSamplerPath = "JAEGER_SAMPLER_SAMPLING_PATH"
    case jaegerSamplerRefreshInterval = "JAEGER_SAMPLER_REFRESH_INTERVAL"
    case jaegerSamplerMaxOperations = "JAEGER_SAMPLER_MAX_OPERATIONS"

    case jaegerEndpoint = "JAEGER_ENDPOINT"
    case jaegerReporterEndpoint = "JAEGER_REPORTER_ENDPOINT"
    case jaegerUser = "JAEGER_USER"
    case jaegerReporterUser = "JAEGER_REPORTER_USER"
    case jaegerPassword = "JAEGER_PASSWORD"
    case jaegerReporterPassword = "JAEGER_REPORTER_PASSWORD"
    case jaegerAuthToken = "JAEGER_AUTH_TOKEN"
    case jaegerAgentHost = "JAEGER_AGENT_HOST"
    case jaegerAgentPort = "JAEGER_AGENT_PORT"
    case jaegerReporterAgentHost = "JAEGER_REPORTER_AGENT_HOST"
    case jaegerReporterAgentPort = "JAEGER_REPORTER_AGENT_PORT"
    case jaegerReporterLogSpans = "JAEGER_REPORTER_LOG_SPANS"
    case jaegerReporterMaxQueueSize = "JAEGER_REPORTER_MAX_QUEUE_SIZE"
    case jaegerReporterFlushInterval = "JAEGER_REPORTER_FLUSH_INTERVAL"
    case jaegerReporterTimeout = "JAEGER_REPORTER_TIMEOUT"

    case otelSDKDisabled = "OTEL_SDK_DISABLED"
    case otelServiceName = "OTEL_SERVICE_NAME"
    case otelResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES"
    case otelPropagators = "OTEL_PROPAGATORS"
    case otelTracesSampler = "OTEL_TRACES_SAMPLER"
    case otelTracesSamplerArg = "OTEL_TRACES_SAMPLER_ARG"

    case otelTracesExporter = "OTEL_TRACES_EXPORTER"
    case otlpTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    case otlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
    case otlpTracesHeaders = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
    case otlpHeaders = "OTEL_EXPORTER_OTLP_HEADERS"
    case otlpTracesTimeout = "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"
    case otlpTimeout = "OTEL_EXPORTER_OTLP_TIMEOUT"
    case otlpTracesCompression = "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION"
    case otlpCompression = "OTEL_EXPORTER_OTLP_COMPRESSION"
    case otlpTracesProtocol = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
    case otlpProtocol = "OTEL_EXPORTER_OTLP_PROTOCOL"
    case otlpTracesCertificate = "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"
    case otlpCertificate = "OTEL_EXPORTER_OTLP_CERTIFICATE"

    case otelBSPScheduleDelay = "OTEL_BSP_SCHEDULE_DELAY"
    case otelBSPExportTimeout = "OTEL_BSP_EXPORT_TIMEOUT"
    case otelBSPMaxQueueSize = "OTEL_BSP_MAX_QUEUE_SIZE"
    case otelBSPMaxExportBatchSize = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"

    case otelSpanAttributeCountLimit = "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"
    case otelAttributeCountLimit = "OTEL_ATTRIBUTE_COUNT_LIMIT"
    case otelSpanEventCountLimit = "OTEL_SPAN_EVENT_COUNT_LIMIT"
    case otelEventAttributeCountLimit = "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"
    case otelSpanLinkCountLimit = "OTEL_SPAN_LINK_COUNT_LIMIT"
    case otelSpanAttributeValueLengthLimit = "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"
    case otelAttributeValueLengthLimit = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"

    case otelSemconvStabilityOptIn = "OTEL_SEMCONV_STABILITY_OPT_IN"

    /// Whether its value must not be shown.
    package var isSecret: Bool {
        switch self {
        case .jaegerUser, .jaegerReporterUser, .jaegerPassword, .jaegerReporterPassword,
            .jaegerAuthToken, .otlpHeaders, .otlpTracesHeaders:
            true
        default: false
        }
    }
}
