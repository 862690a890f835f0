import HTTPTypes
import JaegerTracing
import CoreMetrics
import SpoorHTTP
import Tracing

/// The prepared configuration of server spans: values that are the same for all requests are computed once.
///
/// It is a class, so that the middleware and its observers hold one reference.
final class ServerSpanPlan: Sendable {
    let configuration: ServerTracingConfiguration
    let conventions: SemanticConventions
    let rules: TagRules
    /// Whether a check is needed before the span starts; an unsampled request only evaluates this.
    let needsCheck: Bool
    /// Whether the trace is reported to the client in a response header.
    let setsResponseHeader: Bool
    /// The steps of an exchange that change its span.
    let observedSteps: ExchangeSteps
    /// The counter of requests whose trace context was rejected.
    let rejectedContexts: Counter
    private let rejectedDebugIDs: Counter

    /// - Parameter conventions: The conventions of the tracer.
    init(
        _ configuration: ServerTracingConfiguration, _ conventions: SemanticConventions,
        _ factory: any MetricsFactory
    ) {
        self.configuration = configuration
        self.conventions = configuration.span.conventions ?? conventions
        rejectedContexts = Counter(label: "spoor.tracing.rejected_contexts", factory: factory)
        rejectedDebugIDs = Counter(label: "spoor.tracing.rejected_debug_ids", factory: factory)
        rules = TagRules(configuration.span)
        setsResponseHeader = configuration.traceResponseHeader != nil
        var observedSteps: ExchangeSteps = .routeMatched
        if configuration.recordsPhases {
            observedSteps.formUnion([.requestBodyRead, .responseHeadSent])
        }
        if setsResponseHeader { observedSteps.insert(.responseWillBeSent) }
        self.observedSteps = observedSteps
        needsCheck =
            configuration.span.shouldTrace != nil || !configuration.contextTrust.isUnconditional
            || !configuration.debugIDTrust.isUnconditional
    }

    func shouldTrace(_ exchange: Exchange) -> Bool {
        configuration.span.shouldTrace?(exchange) ?? true
    }

    /// Returns the trusted part of a received context, and an untrusted context to link to.
    func checked(
        _ received: SpanContext?, _ exchange: Exchange
    ) -> (trusted: SpanContext?, linked: SpanContext?) {
        guard var trusted = received else { return (nil, nil) }
        var linked: SpanContext?
        // A sampling decision may be received without a trace (`b3: 0`): an untrusted peer may not make it either.
        let carries =
            trusted.isValid || !trusted.baggage.isEmpty || !trusted.isSamplingDeferred
        if carries, !configuration.contextTrust.includes(exchange) {
            rejectedContexts.increment()
            if configuration.linksUntrustedContext, trusted.isValid { linked = trusted }
            trusted = SpanContext(baggage: [:], debugID: trusted.debugID, isRemote: true)
        }
        if trusted.debugID != nil, !configuration.debugIDTrust.includes(exchange) {
            rejectedDebugIDs.increment()
            trusted.debugID = nil
        }
        return (trusted, linked)
    }

    // MARK: Names

    /// Returns the name of the span at its start, before the route is known.
    func initialName(of exchange: Exchange) -> String {
        TagRules.spanName(rules.method(of: exchange), route: nil)
    }

    /// Renames the span after the route, unless the handler has named it.
    func rename(_ span: some Tracing.Span, _ exchange: Exchange) {
        let method = rules.method(of: exchange)
        guard exchange.route != nil || configuration.span.spanName != nil,
            span.operationName == TagRules.spanName(method, route: nil)
        else { return }
        if let name = configuration.span.spanName?(exchange) {
            span.operationName = name
        } else if let route = exchange.route {
            span.operationName = TagRules.spanName(method, route: route)
        }
    }

    // MARK: Tags

    /// Returns the tags at the start of an exchange.
    func requestTags(_ exchange: Exchange) -> [SpanTag] {
        var tags: [SpanTag] = []
        let forwarded =
            configuration.trustedProxies.isEmpty
            ? nil
            : ForwardedOrigin(
                exchange, trusted: configuration.trustedProxies, by: configuration.proxyHeaders)
        if conventions.includesOpenTracing {
            tags.reserveCapacity(conventions.includesStable ? 20 : 6)
            OpenTracingTags.append(exchange, rules, forwarded: forwarded, to: &tags)
        }
        if conventions.includesStable {
            StableTags.append(exchange, rules, forwarded: forwarded, to: &tags)
        }
        if !configuration.span.capturedRequestHeaders.isEmpty {
            configuration.span.capturedRequestHeaders.append(
                exchange.request.headers, keyPrefix: "http.request.header.", to: &tags)
        }
        return tags
    }

    /// Returns the tags at the end of an exchange.
    func responseTags(_ exchange: Exchange, _ status: HTTPResponse.Status?) -> [SpanTag] {
        var tags: [SpanTag] = []
        let response = exchange.response
        if conventions.includesOpenTracing, let status {
            OpenTracingTags.append(status, to: &tags)
        }
        if conventions.includesStable {
            if let status { StableTags.append(status, to: &tags) }
            if let route = exchange.route { tags.append(SpanTag("http.route", .string(route))) }
        }
        if rules.recordsBodySizes {
            if exchange.request.bodyLength != .none {
                let count = Int64(exchange.bodyBytesReceived)
                tags.append(SpanTag("http.request.body.size", .int(count)))
            }
            tags.append(SpanTag("http.response.body.size", .int(Int64(response.bodyBytesSent))))
        }
        if !configuration.span.capturedResponseHeaders.isEmpty, response.isHeadSent {
            var headers = response.headers
            if let type = exchange.responseContentType, headers[.contentType] == nil {
                headers[.contentType] = type
            }
            configuration.span.capturedResponseHeaders.append(
                headers, keyPrefix: "http.response.header.", to: &tags)
        }
        return tags
    }
}
