public import Tracing

/// Contexts in and out, with what went wrong counted.
extension JaegerTracer {
    /// Reads the context that came with a message; nil if there is nothing of the kind.
    ///
    /// A malformed one is counted (`span_context_decoding_errors`) and otherwise as good as none;
    /// two formats that name different spans are, too (`span_context_conflicts`).
    public func extract(from carrier: some HeaderCarrier) -> SpanContext? {
        counted(propagation.extract(from: carrier))
    }

    /// Writes a context onto a message in all formats, in the place of any that is there.
    ///
    /// A debug id on the message stays if the context has none, and all stays if the tracer is switched off and the context
    /// is empty.
    public func inject(_ context: SpanContext, into writer: inout some HeaderWriter) {
        if isPassThrough, context.isEmpty { return }
        // Hardly any decision is pending: the others' contexts are not copied.
        guard context.pendingSampling != nil else {
            return propagation.inject(context, into: &writer)
        }
        propagation.inject(context.resolveSampling(), into: &writer)
    }

    /// Reads the context in a dictionary of names and values, not percent-encoded; nil if there is
    /// nothing of the kind.
    ///
    /// This is `TEXT_MAP` of OpenTracing, for messages that are not HTTP.
    public func extract(fromTextMap map: [String: String]) -> SpanContext? {
        counted(propagation.extract(fromTextMap: map))
    }

    /// Writes a context into a dictionary of names and values, not percent-encoded, as ``inject(_:into:)`` does.
    public func inject(_ context: SpanContext, intoTextMap map: inout [String: String]) {
        if isPassThrough, context.isEmpty { return }
        propagation.inject(context.resolveSampling(), intoTextMap: &map)
    }

    /// Reads a context from bytes as ``SpanContext/binary`` makes them; nil if they are malformed,
    /// which is counted, or if there is nothing in them.
    public func extract(fromBinary bytes: Swift.Span<UInt8>) -> SpanContext? {
        var extraction = ContextExtraction()
        extraction.context = SpanContext(
            binary: bytes, propagation.baggageLimits, &extraction.refusedBaggageCount)
        if extraction.context == nil { extraction.malformedCount = 1 }
        let context = counted(extraction)
        guard let context, context.isValid || !context.baggage.isEmpty else { return nil }
        return context
    }

    private func counted(_ extraction: ContextExtraction) -> SpanContext? {
        if extraction.malformedCount > 0 { metrics.decodingFailed(extraction.malformedCount) }
        if extraction.hasConflict { metrics.contextsConflicted() }
        if extraction.refusedBaggageCount > 0 {
            metrics.baggageTruncated(by: extraction.refusedBaggageCount)
        }
        return extraction.context
    }
}

extension SpanContext {
    /// Whether it carries nothing at all.
    fileprivate var isEmpty: Bool {
        !isValid && baggage.isEmpty && debugID == nil && isSamplingDeferred
    }
}

extension JaegerTracer: Instrument {
    /// Reads the context that came with a message.
    ///
    /// An `Extractor` finds one value of a name it is given and cannot list names, so `uberctx-*`
    /// fields stay unseen on this way, and duplicates too: ``extract(from:)`` sees them.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let extraction = propagation.extract(byName: { extractor.extract(key: $0, from: carrier) })
        guard let extracted = counted(extraction) else { return }
        context.spanContext = extracted
    }

    /// Writes the context onto a message, in all formats.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let spanContext = context.resolvedSpanContext else { return }
        propagation.forEachField(of: spanContext) { name, value in
            injector.inject(value, forKey: name, into: &carrier)
        }
    }
}
