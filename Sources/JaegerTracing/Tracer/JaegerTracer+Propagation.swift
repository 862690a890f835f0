public import Tracing

/// Contexts in and out, with what went wrong counted.
extension JaegerTracer {
    /// Reads the context that came with a message; nil if there is nothing of the kind.
    ///
    /// A malformed one is counted and otherwise as good as none.
    public func extract(from carrier: some HeaderCarrier) -> SpanContext? {
        counted(propagation.extract(from: carrier))
    }

    /// Writes a context onto a message, in the place of any that is there.
    public func inject(_ context: SpanContext, into writer: inout some HeaderWriter) {
        propagation.inject(context.settled, into: &writer)
    }

    private func counted(_ extraction: ContextExtraction) -> SpanContext? {
        if extraction.isMalformed { metrics.decodingFailed() }
        if extraction.refusedBaggageCount > 0 {
            metrics.baggageTruncated(by: extraction.refusedBaggageCount)
        }
        return extraction.context
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
        var extraction = ContextExtraction(propagation.names, propagation.baggageLimits)
        for name in propagation.fixedNames {
            guard let value = extractor.extract(key: name, from: carrier) else { continue }
            extraction.take(name: name.utf8.span, value: value.utf8.span)
        }
        guard let extracted = counted(extraction) else { return }
        context.spanContext = extracted
    }

    /// Writes the context onto a message.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let spanContext = context.spanContext else { return }
        propagation.forEachField(of: spanContext.settled) { name, value in
            injector.inject(value, forKey: name, into: &carrier)
        }
    }
}
