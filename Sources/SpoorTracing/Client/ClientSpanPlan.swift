import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// The prepared configuration of client spans: their names and tags.
final class ClientSpanPlan: Sendable {
    let configuration: ClientTracingConfiguration
    let rules: TagRules

    init(_ configuration: ClientTracingConfiguration) {
        self.configuration = configuration
        rules = TagRules(configuration.span)
    }

    func shouldTrace(_ request: HTTPClientRequest) -> Bool {
        configuration.span.shouldTrace?(request) ?? true
    }

    func shouldPropagate(_ request: HTTPClientRequest) -> Bool {
        configuration.shouldPropagate?(request) ?? true
    }

    func name(of request: HTTPClientRequest) -> String {
        configuration.span.spanName?(request)
            ?? TagRules.spanName(rules.method(request.method.rawValue), route: nil)
    }

    /// Returns the conventions of a span: only the span may know the tracer.
    private func conventions(of span: some Tracing.Span) -> SemanticConventions {
        configuration.span.conventions ?? (span as? JaegerSpan)?.tracer.conventions ?? .openTracing
    }

    /// Sets the tags of a request before it is sent.
    func describe(_ request: HTTPClientRequest, on span: some Tracing.Span) {
        var tags: [SpanTag] = []
        let conventions = conventions(of: span)
        if conventions.includesOpenTracing { OpenTracingTags.append(request, rules, to: &tags) }
        if conventions.includesStable { StableTags.append(request, rules, to: &tags) }
        if !configuration.span.capturedRequestHeaders.isEmpty {
            configuration.span.capturedRequestHeaders.append(
                request.headers, keyPrefix: "http.request.header.", to: &tags)
        }
        span.write(tags)
        if let further = configuration.span.requestTags { span.writeCustom(further(request)) }
    }

    /// Sets the tags of the result of a request.
    func conclude(_ exchange: ClientExchange, thrown: (any Error)?, on span: some Tracing.Span) {
        let conventions = conventions(of: span)
        span.write(responseTags(exchange, conventions))
        let interruption =
            thrown.flatMap { $0 as? any ClassifiedError }?.interruption
            ?? (thrown is CancellationError ? .cancelled : nil)
        interruption?.log(to: span)
        // The caller requested the cancellation, so it is not a failure.
        let isErrorStatus = exchange.status.map { $0.code >= 400 } ?? true
        if interruption != .cancelled, thrown != nil || isErrorStatus {
            Failure(error: thrown, status: exchange.status, interruption: interruption)
                .write(to: span, conventions)
        }
        if let further = configuration.span.responseTags { span.writeCustom(further(exchange)) }
    }

    private func responseTags(
        _ exchange: ClientExchange, _ conventions: SemanticConventions
    ) -> [SpanTag] {
        var tags: [SpanTag] = []
        if conventions.includesOpenTracing {
            if let peer = exchange.peer {
                OpenTracingTags.append(peer, to: &tags)
            } else {
                // No peer was reached: the URL contains at least the intended host.
                OpenTracingTags.append(peerOf: exchange.request.url, to: &tags)
            }
            if let status = exchange.status { OpenTracingTags.append(status, to: &tags) }
        }
        if conventions.includesStable {
            if let peer = exchange.peer { StableTags.append(peer, to: &tags) }
            if let status = exchange.status { StableTags.append(status, to: &tags) }
            if let version = exchange.responseVersion { StableTags.append(version, to: &tags) }
        }
        if exchange.resendCount > 0 {
            tags.append(SpanTag("http.request.resend_count", .int(Int64(exchange.resendCount))))
        }
        if rules.recordsBodySizes {
            let sent = exchange.request.body.count
            if sent > 0 { tags.append(SpanTag("http.request.body.size", .int(Int64(sent)))) }
            let received = Int64(exchange.bodyBytesReceived)
            if exchange.status != nil {
                tags.append(SpanTag("http.response.body.size", .int(received)))
            }
        }
        if !configuration.span.capturedResponseHeaders.isEmpty {
            configuration.span.capturedResponseHeaders.append(
                exchange.responseHeaders, keyPrefix: "http.response.header.", to: &tags)
        }
        return tags
    }
}
