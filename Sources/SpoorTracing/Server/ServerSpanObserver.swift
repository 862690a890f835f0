import JaegerTracing
import SpoorHTTP
import Tracing

/// Looks on while an exchange happens, and tells its span.
///
/// Two references, so that it fits into the exchange without an allocation.
struct ServerSpanObserver<Span: Tracing.Span>: ExchangeObserver {
    let span: Span
    let plan: ServerSpanPlan

    var looksAtPhases: Bool {
        plan.configuration.recordsPhases || plan.answers
    }

    func exchange(_ exchange: Exchange, did step: ExchangeStep) {
        switch step {
        case .routed:
            // At once: a sampler that waits for the name decides by it before a call goes out with the decision.
            plan.rename(span, exchange)
        case .responding:
            guard let field = plan.configuration.responseField, let span = span as? JaegerSpan
            else { return }
            guard field.tellsDecision else { return field.set(span.spanContext, on: exchange) }
            // What no route took has its name now.
            if exchange.route == nil { plan.rename(span, exchange) }
            // The client is told of a decision: there must be one.
            field.set(span.resolveSampling(), on: exchange)
        case .bodyRead:
            guard plan.configuration.recordsPhases else { return }
            span.log(
                event: "http.request.body_read",
                [SpanTag("bytes", .int(Int64(exchange.bodyBytesReceived)))])
        case .responseBegun:
            guard plan.configuration.recordsPhases else { return }
            span.log(event: "http.response.first_byte")
        }
    }
}
