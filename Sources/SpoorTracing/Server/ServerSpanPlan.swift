import HTTPTypes
import JaegerTracing
import CoreMetrics
import SpoorHTTP
import Tracing

/// A configuration made ready: what is asked for every request is worked out once.
///
/// A class, so that the middleware and those who look on for it hold one reference.
final class ServerSpanPlan: Sendable {
    let configuration: ServerTracingConfiguration
    let conventions: SemanticConventions
    let rules: TagRules
    /// Whether anything is to be decided before the span starts: the one question that an unsampled request costs.
    let screens: Bool
    /// Whether the client is told of its trace.
    let answers: Bool
    /// Requests whose trace was not taken up.
    let refusedContexts: Counter
    private let refusedDebugIDs: Counter

    /// - Parameter conventions: Those of the tracer.
    init(
        _ configuration: ServerTracingConfiguration, _ conventions: SemanticConventions,
        _ factory: any MetricsFactory
    ) {
        self.configuration = configuration
        self.conventions = configuration.span.conventions ?? conventions
        refusedContexts = Counter(label: "spoor.tracing.refused_contexts", factory: factory)
        refusedDebugIDs = Counter(label: "spoor.tracing.refused_debug_ids", factory: factory)
        rules = TagRules(configuration.span)
        answers = configuration.traceResponseHeader != nil
        screens =
            configuration.span.skips != nil || !configuration.contextTrust.isUnconditional
            || !configuration.debugIDTrust.isUnconditional
    }

    func skips(_ exchange: Exchange) -> Bool {
        configuration.span.skips?(exchange) ?? false
    }

    /// What of a received context is believed, and the context that is only referred to.
    func screened(
        _ received: SpanContext?, _ exchange: Exchange
    ) -> (believed: SpanContext?, linked: SpanContext?) {
        guard var believed = received else { return (nil, nil) }
        var linked: SpanContext?
        // A decision may come without a trace (`b3: 0`): it is not a stranger's to make either.
        let carries =
            believed.isValid || !believed.baggage.isEmpty || !believed.isSamplingDeferred
        if carries, !configuration.contextTrust.includes(exchange) {
            refusedContexts.increment()
            if configuration.linksUntrustedContext, believed.isValid { linked = believed }
            believed = SpanContext(baggage: [:], debugID: believed.debugID, isRemote: true)
        }
        if believed.debugID != nil, !configuration.debugIDTrust.includes(exchange) {
            refusedDebugIDs.increment()
            believed.debugID = nil
        }
        return (believed, linked)
    }

    // MARK: Names

    /// The name of the span as long as there is no route.
    func firstName(of exchange: Exchange) -> String {
        TagRules.spanName(rules.method(of: exchange), route: nil)
    }

    /// Names the span after the route, unless the handler has named it.
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

    /// What is known of an exchange at its begin.
    func requestTags(_ exchange: Exchange) -> [SpanTag] {
        var tags: [SpanTag] = []
        let forwarded =
            configuration.trustedProxies.isEmpty
            ? nil
            : ForwardedOrigin(
                exchange, trusted: configuration.trustedProxies, by: configuration.proxyHeaders)
        if conventions.areOpenTracing {
            tags.reserveCapacity(conventions.areStable ? 20 : 6)
            OpenTracingTags.append(exchange, rules, forwarded: forwarded, to: &tags)
        }
        if conventions.areStable {
            StableTags.append(exchange, rules, forwarded: forwarded, to: &tags)
        }
        if !configuration.span.capturedRequestHeaders.isEmpty {
            configuration.span.capturedRequestHeaders.append(
                exchange.request.headers, keyPrefix: "http.request.header.", to: &tags)
        }
        return tags
    }

    /// What is known of an exchange at its end.
    func responseTags(_ exchange: Exchange, _ status: HTTPResponse.Status?) -> [SpanTag] {
        var tags: [SpanTag] = []
        let response = exchange.response
        if conventions.areOpenTracing, let status {
            OpenTracingTags.append(status, to: &tags)
        }
        if conventions.areStable {
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
