import JaegerTracing

/// The bounds of reporter and spans, out of the environment.
extension EnvironmentReader {
    /// How the reporter gathers and sends.
    func reporterLimits() throws(ConfigurationError) -> ReporterLimits {
        var limits = ReporterLimits()
        if let count = try integer(
            .jaegerReporterMaxQueueSize, .otelBSPMaxQueueSize, in: 1...Int.max)
        {
            limits.queueSpansMax = count
        }
        if let count = try integer(.otelBSPMaxExportBatchSize, in: 1...Int.max) {
            limits.batchSpansMax = count
        }
        if let age = try duration(.jaegerReporterFlushInterval, .otelBSPScheduleDelay) {
            limits.batchAgeMax = age
        }
        if let timeout = try duration(.jaegerReporterTimeout, .otlpTracesTimeout, .otlpTimeout) {
            limits.sendTimeout = timeout
        }
        if let budget = try duration(.otelBSPExportTimeout) { limits.retries.budget = budget }
        return limits
    }

    /// How much a span may hold.
    func spanLimits() throws(ConfigurationError) -> SpanLimits {
        var limits = SpanLimits()
        func set(
            _ limit: WritableKeyPath<SpanLimits, Int>, _ count: Int?
        ) {
            if let count { limits[keyPath: limit] = count }
        }
        let range = 0...Int.max
        set(
            \.tagCountMax,
            try integer(.otelSpanAttributeCountLimit, .otelAttributeCountLimit, in: range))
        set(
            \.logFieldCountMax,
            try integer(.otelEventAttributeCountLimit, .otelAttributeCountLimit, in: range))
        set(\.logCountMax, try integer(.otelSpanEventCountLimit, in: range))
        set(\.referenceCountMax, try integer(.otelSpanLinkCountLimit, in: range))
        set(
            \.tagValueBytesMax,
            try integer(
                .otelSpanAttributeValueLengthLimit, .otelAttributeValueLengthLimit, in: range))
        return limits
    }
}
