public import Tracing

/// Extraction and injection of contexts, with errors counted.
extension JaegerTracer {
    /// Extracts the context from a message; nil if there is none.
    ///
    /// A malformed context is counted (`span_context_decoding_errors`) and otherwise treated as absent; two formats
    /// with different spans are counted as `span_context_conflicts`.
    public func extract(from carrier: some HeaderCarrier) -> SpanContext? {
        counted(propagation.extract(from: carrier))
    }

    /// Injects a context into a message in all formats, replacing a context that is present.
    ///
    /// A debug id of the message is kept if the context has none, and everything is kept if the tracer is a pass-through
    /// and the context is empty.
    public func inject(_ context: SpanContext, into writer: inout some HeaderWriter) {
        if isPassThrough, context.isEmpty { return }
        // A decision is rarely pending: other contexts are not copied.
        guard context.pendingSampling != nil else {
            return propagation.inject(context, into: &writer)
        }
        propagation.inject(context.resolveSampling(), into: &writer)
    }

    /// Extracts the context from a dictionary of names and values, not percent-encoded; nil if there is none.
    ///
    /// This is `TEXT_MAP` of OpenTracing, for messages that are not HTTP.
    public func extract(fromTextMap map: [String: String]) -> SpanContext? {
        counted(propagation.extract(fromTextMap: map))
    }

    /// Injects a context into a dictionary of names and values, not percent-encoded, like ``inject(_:into:)``.
    public func inject(_ context: SpanContext, intoTextMap map: inout [String: String]) {
        if isPassThrough, context.isEmpty { return }
        propagation.inject(context.resolveSampling(), intoTextMap: &map)
    }

    /// Extracts a context from bytes in the format of ``SpanContext/binary``; nil if they are malformed, which is
    /// counted, or if they contain nothing.
    public func extract(fromBinary bytes: Swift.Span<UInt8>) -> SpanContext? {
        var extraction = ContextExtraction()
        extraction.context = SpanContext(
            binary: bytes, propagation.baggageLimits, &extraction.rejectedBaggageCount)
        if extraction.context == nil { extraction.malformedCount = 1 }
        let context = counted(extraction)
        guard let context, context.isValid || !context.baggage.isEmpty else { return nil }
        return context
    }

    private func counted(_ extraction: ContextExtraction) -> SpanContext? {
        if extraction.malformedCount > 0 { metrics.decodingFailed(extraction.malformedCount) }
        if extraction.hasConflict { metrics.contextsConflicted() }
        if extraction.rejectedBaggageCount > 0 {
            metrics.baggageTruncated(by: extraction.rejectedBaggageCount)
        }
        return extraction.context
    }
}

extension SpanContext {
    /// Whether the context carries nothing.
    fileprivate var isEmpty: Bool {
        !isValid && baggage.isEmpty && debugID == nil && isSamplingDeferred
    }
}

extension JaegerTracer: Instrument {
    /// Extracts the context from a message.
    ///
    /// An `Extractor` returns one value of a given name and cannot list names, so `uberctx-*` headers and duplicates
    /// are not found; ``extract(from:)`` reads them.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let extraction = propagation.extract(byName: { extractor.extract(key: $0, from: carrier) })
        guard let extracted = counted(extraction) else { return }
        context.spanContext = extracted
    }

    /// Injects the context into a message, in all formats.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let spanContext = context.resolvedSpanContext else { return }
        propagation.forEachHeader(of: spanContext) { name, value in
            injector.inject(value, forKey: name, into: &carrier)
        }
    }
}
