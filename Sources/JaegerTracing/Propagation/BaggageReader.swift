/// Gathers the pairs of baggage that come in a message, within the limits.
///
/// Those of Jaeger's fields and those of W3C Baggage are kept apart until ``finish(prefersW3C:)``, for one pair often comes
/// in both.
struct BaggageReader {
    /// From `uberctx-*` and `jaeger-baggage`.
    private var jaeger = Baggage()
    /// From `baggage`.
    private var w3c = Baggage()
    /// How many pairs were left out, for their keys or for the limits.
    private(set) var refusedCount = 0
    private let limits: BaggageLimits

    /// After so many refused pairs the others are not even looked at.
    private static let refusedCountMax = 128

    init(within limits: BaggageLimits) {
        self.limits = limits
    }

    /// Takes a pair of Jaeger's, whose key has no case.
    mutating func take(_ key: String, _ value: String) {
        guard refusedCount < Self.refusedCountMax else { return }
        let item = Baggage.Item(key: key.lowercased(), value: value, matchesAnyCase: true)
        note(jaeger.put(item, within: limits))
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

    /// Takes the value of a `baggage` field; several fields are one list (RFC 9110 §5.3).
    ///
    /// Empty members and those without a `=` are left out; of members with the same key all are kept, so that they leave as
    /// they came.
    mutating func takeW3C(_ field: Swift.Span<UInt8>) {
        var start = 0
        while start < field.count, refusedCount < Self.refusedCountMax {
            var end = start
            while end < field.count, field[end] != UInt8(ascii: ",") { end += 1 }
            let member = field.extracting(start..<end)
            start = end + 1
            if let item = Baggage.Item(member: member) {
                note(w3c.append(item, within: limits))
            } else if !member.rangeWithoutBlanks.isEmpty {
                refusedCount += 1
            }
        }
    }

    /// The pairs of both kinds of fields together.
    ///
    /// A service that writes both kinds says each pair twice, in Jaeger's fields with its key in lower case. So a pair of
    /// Jaeger's whose key is in the `baggage` field in any case is that pair: of two values the preferred field's wins, and
    /// the key stays as W3C has it. If the `baggage` field has several such keys, Jaeger's field cannot say which of them it
    /// means, and is ignored.
    ///
    /// - Parameter prefersW3C: Whether the `baggage` field wins, and its pairs are taken first where there is not room for all.
    mutating func finish(prefersW3C: Bool) -> Baggage {
        guard !w3c.isEmpty else { return jaeger }
        guard !jaeger.isEmpty else { return w3c }
        var own = Baggage()
        for item in jaeger.items {
            let places = w3c.items.indices.filter {
                Baggage.isSameInAnyCase(w3c.items[$0].key, item.key)
            }
            guard let place = places.first else {
                _ = own.append(item, within: limits)
                continue
            }
            guard places.count == 1, !prefersW3C, w3c.items[place].value != item.value else {
                continue
            }
            note(w3c.set(w3c.items[place].key, item.value, within: limits))
        }
        var all = prefersW3C ? w3c : own
        for item in (prefersW3C ? own : w3c).items { note(all.append(item, within: limits)) }
        return all
    }

    private mutating func note(_ outcome: Baggage.SetOutcome) {
        switch outcome {
        case .set, .replaced: break
        case .invalidKey, .forbiddenKey, .overLimit: refusedCount += 1
        }
    }
}
