import SpoorText

/// How span contexts travel between services: which formats, and what beside them.
///
/// At extraction the first format of the list that finds a trace wins; at injection all are
/// written. Beside any of them the fields that Jaeger gives to people are read: `jaeger-debug-id`,
/// which starts a trace that is surely kept and found by that value, `jaeger-baggage: k1=v1, k2=v2`
/// and `uberctx-KEY`. Without a format nothing is read or written. Reading never fails: what is
/// malformed is counted and as good as absent.
public struct Propagation: Sendable {
    /// The formats in the order of preference; if there are none, contexts do not travel.
    public let formats: [PropagationFormat]
    /// What the names of fields that carry a pair of baggage each begin with, in lower case; nil
    /// if such fields are neither read nor written.
    ///
    /// Written they are with ``PropagationFormat/jaeger``, and where no format is
    /// ``PropagationFormat/baggage``.
    public let baggagePrefix: String?
    /// The name of the field that starts a debug trace, in lower case, and of the tag that then
    /// shows its value; nil if callers may not force sampling.
    public let debugIDHeader: String?
    /// The name of the field that carries several pairs of baggage; nil if it is not read.
    public let baggageHeader: String?
    /// Whether a debug id beside a valid trace makes that trace a debug trace from here on; by
    /// default it is ignored there, as Jaeger's clients do.
    public let acceptsDebugIDInTraces: Bool
    /// How much baggage is taken over, and how much may be set.
    public let baggageLimits: BaggageLimits
    /// Which baggage may be set in this service.
    public let baggageRestrictions: BaggageRestrictions
    /// The longest trace state that is taken over, in bytes; if it is longer, members go.
    public let maxTraceStateBytes: Int

    let names: FieldNames
    /// What is looked at for a trace, in the order of preference, each once.
    let sources: [PropagationFormat]
    /// Whether W3C Baggage is preferred to fields of their own for pairs.
    let prefersBaggageField: Bool
    /// Whether pairs of baggage are written as fields of their own.
    private let writesPairs: Bool

    /// Makes a propagation; names are compared and written in lower case, an empty one is none.
    ///
    /// - Parameters:
    ///   - formats: Jaeger's, then W3C Trace Context with W3C Baggage. Of each kind one is read:
    ///     the first.
    ///   - maxTraceStateBytes: W3C Trace Context §3.3.1.5 asks for at least 512.
    public init(
        formats: [PropagationFormat] = [.jaeger, .traceContext, .baggage],
        baggagePrefix: String? = "uberctx-",
        debugIDHeader: String? = "jaeger-debug-id",
        baggageHeader: String? = "jaeger-baggage",
        acceptsDebugIDInTraces: Bool = false,
        baggageLimits: BaggageLimits = BaggageLimits(),
        baggageRestrictions: BaggageRestrictions = BaggageRestrictions(),
        maxTraceStateBytes: Int = 4096
    ) {
        self.formats = formats
        self.baggagePrefix = Self.name(baggagePrefix)
        self.debugIDHeader = Self.name(debugIDHeader)
        self.baggageHeader = Self.name(baggageHeader)
        self.acceptsDebugIDInTraces = acceptsDebugIDInTraces
        self.baggageLimits = baggageLimits
        self.baggageRestrictions = baggageRestrictions
        self.maxTraceStateBytes = maxTraceStateBytes
        let jaegerPlace = formats.firstIndex {
            $0.kind.readsSame(as: PropagationFormat.jaeger.kind)
        }
        let baggagePlace = formats.firstIndex {
            $0.kind.readsSame(as: PropagationFormat.baggage.kind)
        }
        writesPairs = jaegerPlace != nil || baggagePlace == nil
        prefersBaggageField = (baggagePlace ?? .max) < (jaegerPlace ?? .max)
        sources = formats.reduce(into: []) { sources, format in
            if !sources.contains(where: { format.kind.readsSame(as: $0.kind) }) {
                sources.append(format)
            }
        }
        // Without a format nothing is read, not even what is read beside any of them.
        names =
            formats.isEmpty
            ? FieldNames([], prefixes: [])
            : FieldNames(
                sources: sources, baggagePrefix: self.baggagePrefix, debugID: self.debugIDHeader,
                baggageList: self.baggageHeader)
    }

    private static func name(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text.lowercased()
    }

    /// Reads the context that came with a message.
    package func extract(from carrier: some HeaderCarrier) -> ContextExtraction {
        var reader = ContextReader(self)
        carrier.forEachField { name, value in reader.take(name: name, value: value, by: names) }
        return reader.finish(self)
    }

    /// Reads the context that came with a message whose fields are found by name alone.
    ///
    /// Headers whose names are not known beforehand (`uberctx-KEY`) stay unseen.
    package func extract(byName value: (_ name: String) -> String?) -> ContextExtraction {
        var reader = ContextReader(self)
        for name in names.fixed {
            guard let value = value(name) else { continue }
            reader.take(name: name.utf8.span, value: value.utf8.span, by: names)
        }
        return reader.finish(self)
    }

    /// Writes a context onto a message, in the place of any that is there; but a debug id stays if the context has none.
    package func inject(_ context: SpanContext, into writer: inout some HeaderWriter) {
        let sparesDebugID = context.debugID == nil
        writer.removeHeaders { names.isOfContext($0, sparesDebugID: sparesDebugID) }
        forEachField(of: context) { name, value in writer.setField(name, to: value) }
    }

    /// Calls the body for each field that a context travels in.
    ///
    /// A context without a trace, received and not yet used by a span, is passed on as it came.
    ///
    /// - Parameter isPercentCoded: Whether pairs and debug ids are, as header fields need it.
    package func forEachField(
        of context: SpanContext, isPercentCoded: Bool = true,
        _ body: (_ name: String, _ value: String) -> Void
    ) {
        guard !formats.isEmpty else { return }
        for format in formats { format.forEachField(of: context, body) }
        if let debugID = context.debugID, let debugIDHeader {
            body(
                debugIDHeader, isPercentCoded ? PercentEncoding.unreserved.encode(debugID) : debugID
            )
        }
        guard writesPairs, let baggagePrefix, !context.baggage.isEmpty else { return }
        context.baggage.forEachFieldPair { key, value in
            body(
                baggagePrefix + key,
                isPercentCoded ? PercentEncoding.unreserved.encode(value) : value)
        }
    }
}

/// A dictionary as carrier: the fields of a message that is not HTTP, by name.
///
/// The case of names does not matter. Values of baggage and debug ids are as they are, without
/// percent-encoding (`TEXT_MAP` of OpenTracing), but for the field of W3C Baggage, whose standard
/// prescribes it.
extension Propagation {
    /// Reads the context in a dictionary.
    package func extract(fromTextMap map: [String: String]) -> ContextExtraction {
        var reader = ContextReader(self, isPercentCoded: false)
        // Sorted, so that the same dictionary always gives the same context.
        for (name, value) in map.sorted(by: { $0.key < $1.key }) {
            reader.take(name: name.utf8.span, value: value.utf8.span, by: names)
        }
        return reader.finish(self)
    }

    /// Writes a context into a dictionary, in the place of any that is there; but a debug id stays if the context has none.
    package func inject(_ context: SpanContext, intoTextMap map: inout [String: String]) {
        let sparesDebugID = context.debugID == nil
        for name in map.keys
        where names.isOfContext(name.utf8.span, sparesDebugID: sparesDebugID) {
            map[name] = nil
        }
        forEachField(of: context, isPercentCoded: false) { name, value in map[name] = value }
    }
}

/// The result of reading the fields of a message.
package struct ContextExtraction {
    /// What came; nil if nothing did.
    package var context: SpanContext?
    /// In how many formats there was a trace that cannot be read, or several that differ.
    package var malformedCount = 0
    /// Whether two formats name different spans: the first of the configured ones was taken.
    package var hasConflict = false
    /// How many pairs of baggage were left out, because of their keys or the limits.
    package var refusedBaggageCount = 0

    /// Nothing has been read.
    package init(
        context: SpanContext? = nil, malformedCount: Int = 0, hasConflict: Bool = false,
        refusedBaggageCount: Int = 0
    ) {
        self.context = context
        self.malformedCount = malformedCount
        self.hasConflict = hasConflict
        self.refusedBaggageCount = refusedBaggageCount
    }
}
