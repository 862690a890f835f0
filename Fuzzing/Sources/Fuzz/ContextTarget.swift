import JaegerContext

/// The headers of a trace context, one per line; the first byte selects the formats.
///
/// What was extracted can be injected, and is the same when extracted and injected again; each injected value is a valid header
/// value.
func fuzzTraceContext(_ input: Span<UInt8>) {
    guard !input.isEmpty else { return }
    let formats: [PropagationFormat] =
        switch input[0] & 3 {
        case 0: [.jaeger, .traceContext, .baggage]
        case 1: [.traceContext, .baggage]
        case 2: [.b3, .baggage]
        default: [.b3Multi, .jaeger]
        }
    let propagation = Propagation(formats: formats, acceptsDebugIDInTraces: input[0] & 4 != 0)
    let received = FieldLines(bytes: (1..<input.count).map { input[$0] })
    let extraction = propagation.extract(from: received)
    guard let context = extraction.context else { return }
    precondition(!context.description.isEmpty)
    let written = headers(of: context, propagation)
    // A byte that is not UTF-8 is replaced by three bytes, percent-encoded as nine, and may be written by two formats.
    precondition(written.bytes.count <= 18 * input.count + 1024, "grew")
    guard let again = propagation.extract(from: written).context else {
        precondition(written.bytes.isEmpty, "what was written is not read")
        return
    }
    let rewritten = headers(of: again, propagation)
    precondition(rewritten.bytes == written.bytes, "another context")
}

private func headers(of context: SpanContext, _ propagation: Propagation) -> FieldLines {
    var lines = FieldLines(bytes: [])
    propagation.forEachHeader(of: context) { name, value in
        precondition(value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x09 }, "no value")
        lines.bytes += "\(name):\(value)\n".utf8
    }
    return lines
}

/// Headers as lines of name, colon and value.
private struct FieldLines: HeaderCarrier {
    var bytes: [UInt8]

    func forEachHeader(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        for line in bytes.split(separator: 0x0A) {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            let name = line[..<colon]
            let value = line[(colon + 1)...]
            body(name.span, value.span)
        }
    }
}
