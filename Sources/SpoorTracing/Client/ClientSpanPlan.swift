import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// A configuration made ready: what a client span is called and what is written on it.
final class ClientSpanPlan: Sendable {
    let configuration: ClientTracingConfiguration
    let rules: TagRules

    init(_ configuration: ClientTracingConfiguration) {
        self.configuration = configuration
        rules = TagRules(configuration.span)
    }

    func skips(_ request: HTTPClientRequest) -> Bool {
        configuration.span.skips?(request) ?? false
    }

    func shouldPropagate(_ request: HTTPClientRequest) -> Bool {
        configuration.shouldPropagate?(request) ?? true
    }

    func name(of request: HTTPClientRequest) -> String {
        configuration.span.spanName?(request)
            ?? TagRules.spanName(rules.method(request.method.rawValue), route: nil)
    }

    /// Under which names a span tells of HTTP: the tracer may be known by the span alone.
    private func conventions(of span: some Tracing.Span) -> SemanticConventions {
        configuration.span.conventions ?? (span as? JaegerSpan)?.tracer.conventions ?? .openTracing
    }

    /// Writes on a span what is known of a request before it is sent.
    func describe(_ request: HTTPClientRequest, on span: some Tracing.Span) {
        var tags: [SpanTag] = []
        let conventions = conventions(of: span)
        if conventions.areOpenTracing { OpenTracingTags.append(request, rules, to: &tags) }
        if conventions.areStable { StableTags.append(request, rules, to: &tags) }
        if !configuration.span.capturedRequestHeaders.isEmpty {
            configuration.span.capturedRequestHeaders.append(
                request.headers, keyPrefix: "http.request.header.", to: &tags)
        }
        span.write(tags)
        if let further = configuration.span.requestTags { span.writeForeign(further(request)) }
    }

    /// Writes on a span what came of a request.
    func conclude(_ exchange: ClientExchange, thrown: (any Error)?, on span: some Tracing.Span) {
        let conventions = conventions(of: span)
        span.write(responseTags(exchange, conventions))
        let interruption =
            thrown.flatMap { $0 as? any ClassifiedError }?.interruption
            ?? (thrown is CancellationError ? .cancelled : nil)
        interruption?.log(to: span)
        // Whoever has asked for it knows: a cancelled request is no failure.
        let isRefused = exchange.status.map { $0.code >= 400 } ?? true
        if interruption != .cancelled, thrown != nil || isRefused {
            Failure(error: thrown, status: exchange.status, interruption: interruption)
                .write(to: span, conventions)
        }
        if let further = configuration.span.responseTags { span.writeForeign(further(exchange)) }
    }

    private func responseTags(
        _ exchange: ClientExchange, _ conventions: SemanticConventions
    ) -> [SpanTag] {
        var tags: [SpanTag] = []
        if conventions.areOpenTracing {
            if let peer = exchange.peer {
                OpenTracingTags.append(peer, to: &tags)
            } else {
                // Nobody was reached: the URL tells at least who was meant.
                OpenTracingTags.append(peerOf: exchange.request.url, to: &tags)
            }
            if let status = exchange.status { OpenTracingTags.append(status, to: &tags) }
        }
        if conventions.areStable {
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
