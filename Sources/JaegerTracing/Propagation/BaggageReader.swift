/// Gathers the pairs of baggage that come in a message, within the limits.
///
/// Those of Jaeger's fields and those of W3C Baggage are kept apart: the preferred ones win.
struct BaggageReader {
    /// From `uberctx-*` and `jaeger-baggage`.
    private(set) var jaeger = Baggage()
    /// From `baggage`.
    private(set) var w3c = Baggage()
    /// How many pairs were left out, for their keys or for the limits.
    private(set) var refusedCount = 0
    private let limits: BaggageLimits

    /// After so many refused pairs the others are not even looked at.
    private static let refusedCountMax = 128

    init(within limits: BaggageLimits) {
        self.limits = limits
    }

    /// Takes a pair of Jaeger's.
    mutating func take(_ key: String, _ value: String) {
        guard refusedCount < Self.refusedCountMax else { return }
        note(jaeger.set(key, value, within: limits))
    }

    /// Takes `k1=v1, k2=v2`; what has not exactly one `=` is skipped, as all clients of Jaeger do.
    mutating func takeList(_ list: [UInt8]) {
        for pair in list.split(separator: UInt8(ascii: ",")) {
            let parts = pair.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let key = Array(parts[0])
            let value = Array(parts[1])
            take(key.span.trimmedText, value.span.trimmedText)
        }
    }

    /// Takes the value of a `baggage` field.
    mutating func takeW3C(_ field: Swift.Span<UInt8>) {
        var start = 0
        while start < field.count, refusedCount < Self.refusedCountMax {
            var end = start
            while end < field.count, field[end] != UInt8(ascii: ",") { end += 1 }
            takeMember(field.extracting(start..<end))
            start = end + 1
        }
    }

    // W3C Baggage §3.3.1: list-member = key OWS "=" OWS value *( OWS ";" OWS property ).
    private mutating func takeMember(_ member: Swift.Span<UInt8>) {
        var equals = 0
        while equals < member.count, member[equals] != UInt8(ascii: "=") { equals += 1 }
        guard equals < member.count else {
            if !member.rangeWithoutBlanks.isEmpty { refusedCount += 1 }
            return
        }
        var end = equals + 1
        while end < member.count, member[end] != UInt8(ascii: ";") { end += 1 }
        let value = member.extracting(equals + 1..<end)
        let content = value.extracting(value.rangeWithoutBlanks)
        let key = member.extracting(0..<equals).trimmedText
        note(w3c.set(key, PercentCoding.text(content), within: limits))
    }

    private mutating func note(_ outcome: Baggage.SetOutcome) {
        switch outcome {
        case .set, .replaced: break
        case .invalidKey, .forbiddenKey, .overLimit: refusedCount += 1
        }
    }
}
