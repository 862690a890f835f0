/// How span contexts travel in header fields, as Jaeger's clients do it.
///
/// `uber-trace-id` carries the trace, `uberctx-KEY` a pair of baggage each; by hand one may send
/// `jaeger-debug-id`, which starts a trace that is surely kept and found by that value, and
/// `jaeger-baggage: k1=v1, k2=v2`. Reading never fails: what is malformed is as good as absent.
public struct JaegerPropagation: Sendable {
    /// The name of the field that carries the trace, in lower case.
    public let traceField: String
    /// What the names of fields that carry baggage begin with, in lower case.
    public let baggagePrefix: String
    /// The name of the field that starts a debug trace, in lower case, and of the tag that then
    /// shows its value; nil if callers may not force sampling.
    public let debugIDField: String?
    /// The name of the field that carries several pairs of baggage; nil if it is not read.
    public let baggageField: String?
    /// How much baggage is taken over.
    public let baggageLimits: BaggageLimits

    let names: FieldNames

    /// Makes a propagation; names are compared and written in lower case.
    public init(
        traceField: String = "uber-trace-id",
        baggagePrefix: String = "uberctx-",
        debugIDField: String? = "jaeger-debug-id",
        baggageField: String? = "jaeger-baggage",
        baggageLimits: BaggageLimits = BaggageLimits()
    ) {
        self.traceField = traceField.lowercased()
        self.baggagePrefix = baggagePrefix.lowercased()
        self.debugIDField = debugIDField?.lowercased()
        self.baggageField = baggageField?.lowercased()
        self.baggageLimits = baggageLimits
        names = FieldNames(
            trace: self.traceField, baggagePrefix: self.baggagePrefix,
            debugID: self.debugIDField, baggage: self.baggageField)
    }

    /// The names that are known beforehand.
    var fixedNames: [String] {
        [traceField] + [debugIDField, baggageField].compactMap { $0 }
    }

    /// Reads the context that came with a message.
    func extract(from carrier: some HeaderCarrier) -> ContextExtraction {
        var extraction = ContextExtraction(names, baggageLimits)
        carrier.forEachField { name, value in extraction.take(name: name, value: value) }
        return extraction
    }

    /// Writes a context onto a message.
    func inject(_ context: SpanContext, into writer: inout some HeaderWriter) {
        forEachField(of: context) { name, value in writer.setField(name, to: value) }
    }

    /// Calls the body for each field that a context travels in.
    ///
    /// A context without a trace, received and not yet used by a span, is passed on as it came.
    func forEachField(of context: SpanContext, _ body: (_ name: String, _ value: String) -> Void) {
        if context.isValid {
            body(traceField, context.description)
        } else if let debugID = context.debugID, let debugIDField {
            body(debugIDField, PercentCoding.encode(debugID))
        }
        for item in context.baggage.items {
            body(baggagePrefix + item.key, PercentCoding.encode(item.value))
        }
    }
}
