import SpoorText

/// How span contexts are propagated between services: the formats, the header names and the limits.
///
/// On extraction the first format of the list that finds a trace wins; on injection all formats are written. With every
/// format, the headers that Jaeger offers to people are read: `jaeger-debug-id`, which starts a trace that is always
/// sampled and can be found by that value, `jaeger-baggage: k1=v1, k2=v2` and `uberctx-KEY`. Without any format nothing
/// is read or written. Extraction never fails: malformed values are counted and treated as absent.
public struct Propagation: Sendable {
    /// The formats in order of preference; if there are none, contexts are not propagated.
    public let formats: [PropagationFormat]
    /// The prefix of the names of headers that carry one baggage pair each, in lower case; nil if such headers are
    /// neither read nor written.
    ///
    /// They are written if ``PropagationFormat/jaeger`` is one of the formats, or if ``PropagationFormat/baggage`` is
    /// not.
    public let baggagePrefix: String?
    /// The name of the header that starts a debug trace, in lower case, and of the tag that contains its value; nil if
    /// callers may not force sampling.
    public let debugIDHeader: String?
    /// The name of the header that carries several baggage pairs; nil if it is not read.
    public let baggageHeader: String?
    /// Whether a debug id received together with a valid trace makes that trace a debug trace from here on; by default
    /// it is then ignored, as in Jaeger's clients.
    public let acceptsDebugIDInTraces: Bool
    /// The limits of the baggage that is received and that may be set.
    public let baggageLimits: BaggageLimits
    /// The restrictions on the baggage that this service may set.
    public let baggageRestrictions: BaggageRestrictions
    /// The maximum length of a received trace state, in bytes; if it is longer, members are dropped.
    public let maxTraceStateBytes: Int

    let names: HeaderNames
    /// The formats that are read, in order of preference, each kind once.
    let sources: [PropagationFormat]
    /// Whether W3C Baggage is preferred to separate headers for pairs.
    let prefersBaggageHeader: Bool
    /// Whether baggage pairs are written as separate headers.
    private let writesPairs: Bool

    /// Creates a propagation; names are compared and written in lower case, an empty name counts as nil.
    ///
    /// - Parameters:
    ///   - formats: Default: Jaeger's, then W3C Trace Context with W3C Baggage. Of each kind only the first is read.
    ///   - maxTraceStateBytes: W3C Trace Context §3.3.1.5 requires at least 512.
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
        prefersBaggageHeader = (baggagePlace ?? .max) < (jaegerPlace ?? .max)
        sources = formats.reduce(into: []) { sources, format in
            if !sources.contains(where: { format.kind.readsSame(as: $0.kind) }) {
                sources.append(format)
            }
        }
        // Without a format nothing is read, including the headers that are independent of formats.
        names =
            formats.isEmpty
            ? HeaderNames([], prefixes: [])
            : HeaderNames(
                sources: sources, baggagePrefix: self.baggagePrefix, debugID: self.debugIDHeader,
                baggageList: self.baggageHeader)
    }

    private static func name(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text.lowercased()
    }

    /// Extracts the context from a message.
    package func extract(from carrier: some HeaderCarrier) -> ContextExtraction {
        var reader = ContextReader(self)
        carrier.forEachHeader { name, value in reader.take(name: name, value: value, by: names) }
        return reader.finish(self)
    }

    /// Extracts the context from a message whose headers can only be looked up by name.
    ///
    /// Headers whose names are not known in advance (`uberctx-KEY`) are not found.
    package func extract(byName value: (_ name: String) -> String?) -> ContextExtraction {
        var reader = ContextReader(self)
        for name in names.fixed {
            guard let value = value(name) else { continue }
            reader.take(name: name.utf8.span, value: value.utf8.span, by: names)
        }
        return reader.finish(self)
    }

    /// Injects a context into a message, replacing a context that is present; a debug id is kept if the context has
    /// none.
    package func inject(_ context: SpanContext, into writer: inout some HeaderWriter) {
        let keepsDebugID = context.debugID == nil
        writer.removeHeaders { names.isContextHeader($0, keepsDebugID: keepsDebugID) }
        forEachHeader(of: context) { name, value in writer.setHeader(name, to: value) }
    }

    /// Calls the body for each header that propagates a context.
    ///
    /// A context without a trace, received and not used by a span yet, is propagated as it was received.
    ///
    /// - Parameter isPercentCoded: Whether pairs and debug ids are percent-encoded, as headers require.
    package func forEachHeader(
        of context: SpanContext, isPercentCoded: Bool = true,
        _ body: (_ name: String, _ value: String) -> Void
    ) {
        guard !formats.isEmpty else { return }
        for format in formats { format.forEachHeader(of: context, body) }
        if let debugID = context.debugID, let debugIDHeader {
            body(
                debugIDHeader, isPercentCoded ? PercentEncoding.unreserved.encode(debugID) : debugID
            )
        }
        guard writesPairs, let baggagePrefix, !context.baggage.isEmpty else { return }
        context.baggage.forEachHeaderPair { key, value in
            body(
                baggagePrefix + key,
                isPercentCoded ? PercentEncoding.unreserved.encode(value) : value)
        }
    }
}

/// A dictionary as carrier: the entries are the headers of a message that is not HTTP, by name.
///
/// Names are case-insensitive. Baggage values and debug ids are not percent-encoded (`TEXT_MAP` of OpenTracing), except
/// in the header of W3C Baggage, whose standard requires it.
extension Propagation {
    /// Extracts the context from a dictionary.
    package func extract(fromTextMap map: [String: String]) -> ContextExtraction {
        var reader = ContextReader(self, isPercentCoded: false)
        // Sorted, so that the same dictionary always results in the same context.
        for (name, value) in map.sorted(by: { $0.key < $1.key }) {
            reader.take(name: name.utf8.span, value: value.utf8.span, by: names)
        }
        return reader.finish(self)
    }

    /// Injects a context into a dictionary, replacing a context that is present; a debug id is kept if the context has
    /// none.
    package func inject(_ context: SpanContext, intoTextMap map: inout [String: String]) {
        let keepsDebugID = context.debugID == nil
        for name in map.keys
        where names.isContextHeader(name.utf8.span, keepsDebugID: keepsDebugID) {
            map[name] = nil
        }
        forEachHeader(of: context, isPercentCoded: false) { name, value in map[name] = value }
    }
}

/// The result of reading the headers of a message.
package struct ContextExtraction {
    /// The extracted context; nil if there was none.
    package var context: SpanContext?
    /// The number of formats whose trace was malformed, or that had several traces that differ.
    package var malformedCount = 0
    /// Whether two formats contained different spans; the first of the configured formats was used.
    package var hasConflict = false
    /// The number of baggage pairs that were dropped because of their keys or the limits.
    package var rejectedBaggageCount = 0

    /// Creates a result; by default that of a message without a context.
    package init(
        context: SpanContext? = nil, malformedCount: Int = 0, hasConflict: Bool = false,
        rejectedBaggageCount: Int = 0
    ) {
        self.context = context
        self.malformedCount = malformedCount
        self.hasConflict = hasConflict
        self.rejectedBaggageCount = rejectedBaggageCount
    }
}
