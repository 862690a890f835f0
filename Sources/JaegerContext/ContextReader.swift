import SpoorText

/// Reads the headers of a message one by one, keeps those of a context, and creates a context from them.
///
/// Traces in the known formats are parsed in place, as the headers are read; nothing is allocated for a message without
/// such headers.
struct ContextReader {
    private let isPercentCoded: Bool

    private var isEmpty = true
    private var jaeger = TraceReading.absent
    private var traceParent = TraceReading.absent
    private var b3 = TraceReading.absent
    private var b3Headers: B3Headers?
    private var traceState = ReceivedTraceState()
    private var debugID: String?
    private var baggage: BaggageReader
    private var customHeaders: [(place: Int, header: ReceivedHeader)] = []

    /// The maximum number of headers that are kept for custom formats.
    private static let maxCustomHeaderCount = 128

    /// Creates a reader.
    ///
    /// - Parameter isPercentCoded: Whether debug ids and Jaeger's baggage are percent-encoded, as they are in headers
    ///   and not in text maps.
    init(_ propagation: Propagation, isPercentCoded: Bool = true) {
        baggage = BaggageReader(within: propagation.baggageLimits)
        self.isPercentCoded = isPercentCoded
    }

    /// Reads a header; headers that are not part of a context are ignored.
    mutating func take(
        name: Swift.Span<UInt8>, value: Swift.Span<UInt8>, by names: HeaderNames
    ) {
        for index in names.candidates(for: name) {
            let entry = names.entries[index]
            guard names.matches(entry, name) else { continue }
            isEmpty = false
            take(entry, name, value)
        }
    }

    private mutating func take(
        _ entry: HeaderNames.Entry, _ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>
    ) {
        switch entry.role {
        case .jaegerTrace: jaeger.take(ReceivedTrace(uberTraceID: value))
        case .traceParent:
            // W3C Trace Context §3.2: exactly one, so that even the same again is malformed.
            if case .absent = traceParent {
                traceParent.take(ReceivedTrace(traceParent: value))
            } else {
                traceParent = .malformed
            }
        case .traceState: traceState.take(value)
        case .b3: b3.take(ReceivedTrace(b3: value))
        case .b3Part(let part): b3Headers.take(part, value)
        case .baggagePair:
            let key = name.extracting(entry.count..<name.count).trimmedText
            baggage.takeJaeger(key, decodedText(value))
        case .baggageList:
            baggage.takeJaegerList(
                isPercentCoded
                    ? PercentEncoding.decode(value, plus: .isSpace) : value.copied)
        case .baggage: baggage.takeW3C(value)
        case .debugID:
            if let received = JaegerFormat.debugID(decodedText(value)) { debugID = received }
        case .custom(let place):
            guard customHeaders.count < Self.maxCustomHeaderCount else { return }
            let header = ReceivedHeader(
                name: name.trimmedText.lowercased(), value: value.trimmedText)
            customHeaders.append((place, header))
        }
    }

    private func decodedText(_ value: Swift.Span<UInt8>) -> String {
        guard isPercentCoded else { return value.trimmedText }
        return value.extracting(value.rangeWithoutBlanks).decodedText(plus: .isSpace)
    }
}

// MARK: Creating the context

extension ContextReader {
    /// Returns the context that the headers contain.
    mutating func finish(_ propagation: Propagation) -> ContextExtraction {
        guard !isEmpty else { return ContextExtraction() }
        var resolution = TraceResolution()
        var customContexts: [SpanContext] = []
        for place in propagation.sources.indices {
            switch propagation.sources[place].kind {
            case .jaeger: resolution.add(jaeger)
            case .traceContext: resolution.add(traceParent)
            case .b3: addB3(to: &resolution)
            case .baggage: break
            case .custom(let format):
                switch read(format, at: place) {
                case .absent: break
                case .malformed: resolution.add(.malformed)
                case .context(let context):
                    resolution.add(.found(ReceivedTrace(context)))
                    customContexts.append(context)
                }
            }
        }
        return assemble(resolution, customContexts, propagation)
    }

    // The single header wins; if it is invalid, the multiple headers are tried.
    private func addB3(to resolution: inout TraceResolution) {
        resolution.add(b3)
        if let b3Headers { resolution.add(b3Headers.reading) }
    }

    private func read(_ format: any ContextFormat, at place: Int) -> ExtractionResult {
        let headers = customHeaders.filter { $0.place == place }.map(\.header)
        return headers.isEmpty ? .absent : format.extract(from: headers)
    }

    private mutating func assemble(
        _ resolution: TraceResolution, _ customContexts: [SpanContext], _ propagation: Propagation
    ) -> ContextExtraction {
        let received = baggage.finish(prefersW3C: propagation.prefersBaggageHeader)
        var extraction = ContextExtraction(
            malformedCount: resolution.malformedCount, hasConflict: resolution.hasConflict,
            rejectedBaggageCount: baggage.rejectedCount)
        let trace = resolution.result
        var context = trace.map(SpanContext.init) ?? SpanContext(baggage: Baggage(), isRemote: true)
        context.baggage = received
        let limits = propagation.baggageLimits
        for custom in customContexts {
            extraction.rejectedBaggageCount += context.baggage.add(custom.baggage, within: limits)
        }
        var debugID: String?
        if !context.isValid || propagation.acceptsDebugIDInTraces {
            debugID = self.debugID ?? customContexts.lazy.compactMap(\.debugID).first
        }
        var traceState: TraceState?
        if context.isValid {
            traceState = receivedTraceState(
                of: context.traceID, customContexts, propagation.maxTraceStateBytes)
        }
        context.extras = SpanContextExtras(
            debugID: debugID, traceState: traceState, pendingSampling: nil)
        if trace != nil || debugID != nil || !context.baggage.isEmpty {
            extraction.context = context
        }
        return extraction
    }

    /// Returns the trace state that was received with the trace, even if another format determined the trace.
    private func receivedTraceState(
        of traceID: TraceID, _ customContexts: [SpanContext], _ maxByteCount: Int
    ) -> TraceState? {
        if !traceState.bytes.isEmpty, case .found(let trace) = traceParent,
            trace.traceID == traceID
        {
            return TraceState(bytes: traceState.bytes.span, maxByteCount: maxByteCount)
        }
        return customContexts.first { $0.traceID == traceID && $0.traceState != nil }?.traceState
    }
}

extension B3Headers? {
    fileprivate mutating func take(_ part: B3Headers.Part, _ value: Swift.Span<UInt8>) {
        if self == nil { self = B3Headers() }
        self?.take(part, value)
    }
}
