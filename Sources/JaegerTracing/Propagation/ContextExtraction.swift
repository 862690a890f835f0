/// A span context in the making: takes the fields of a message one by one and keeps what counts.
struct ContextExtraction {
    /// Whether there was a trace that cannot be read, or several that differ.
    private(set) var isMalformed = false
    /// How many pairs of baggage were left out, for their keys or for the limits.
    private(set) var refusedBaggageCount = 0
    private var trace: SpanContext?
    private var baggage = Baggage()
    private var debugID: String?
    private let names: FieldNames
    private let baggageLimits: BaggageLimits

    /// The longest debug id that is kept, in bytes: it is for people to type.
    private static let debugIDBytesMax = 256

    init(_ names: FieldNames, _ baggageLimits: BaggageLimits) {
        self.names = names
        self.baggageLimits = baggageLimits
    }

    /// What came; nil if nothing did.
    var context: SpanContext? {
        if var trace, !isMalformed {
            trace.baggage = baggage
            return trace
        }
        guard debugID != nil || !baggage.isEmpty else { return nil }
        return SpanContext(baggage: baggage, debugID: debugID, isRemote: true)
    }

    /// Takes a field, whatever it is.
    mutating func take(name: Swift.Span<UInt8>, value: Swift.Span<UInt8>) {
        switch names.role(of: name) {
        case nil: break
        case .trace: takeTrace(value)
        case .pair: takePair(name.extracting(names.baggagePrefixCount..<name.count), value)
        case .debugID: takeDebugID(value)
        case .list: takeList(value)
        }
    }

    private mutating func takeTrace(_ value: Swift.Span<UInt8>) {
        let received = SpanContext(uberTraceID: value)
        if received == nil || trace != nil && trace != received { isMalformed = true }
        trace = received
    }

    private mutating func takePair(_ key: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) {
        keep(Self.text(key), Self.decodedText(value))
    }

    private mutating func takeDebugID(_ value: Swift.Span<UInt8>) {
        var text = Self.decodedText(value)
        text.trim(toBytes: Self.debugIDBytesMax)
        if !text.isEmpty { debugID = text }
    }

    // The whole is decoded before it is taken apart, as all clients of Jaeger do.
    private mutating func takeList(_ value: Swift.Span<UInt8>) {
        let decoded = PercentCoding.decode(value)
        for pair in decoded.split(separator: UInt8(ascii: ",")) {
            let parts = pair.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let key = Array(parts[0])
            let item = Array(parts[1])
            keep(Self.text(key.span), Self.text(item.span))
        }
    }

    private mutating func keep(_ key: String, _ value: String) {
        switch baggage.set(key, value, within: baggageLimits) {
        case .set, .replaced: break
        case .invalidKey, .overLimit: refusedBaggageCount += 1
        }
    }

    private static func decodedText(_ bytes: Swift.Span<UInt8>) -> String {
        let range = bytes.rangeWithoutBlanks
        return String(decoding: PercentCoding.decode(bytes.extracting(range)), as: UTF8.self)
    }

    private static func text(_ bytes: Swift.Span<UInt8>) -> String {
        var copy: [UInt8] = []
        for index in bytes.rangeWithoutBlanks { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
