/// Collects the pairs of baggage that come in a message, within the limits.
///
/// Those of Jaeger's fields and those of W3C Baggage are kept apart until ``finish(prefersW3C:)``, because one pair often comes
/// in both.
struct BaggageReader {
    /// From `uberctx-*` and `jaeger-baggage`.
    private var jaeger = Baggage()
    /// From `baggage`.
    private var w3c = Baggage()
    /// How many pairs were left out, for their keys or for the limits.
    private(set) var refusedCount = 0
    private let limits: BaggageLimits

    private static let maxRefusedCount = 128

    init(within limits: BaggageLimits) {
        self.limits = limits
    }

    /// Whether so many pairs were refused that the others are not even looked at.
    var isFull: Bool { refusedCount >= Self.maxRefusedCount }

    /// Takes a pair of Jaeger's.
    mutating func takeJaeger(_ item: consuming Baggage.Item) {
        note(jaeger.put(item, within: limits))
    }

    /// Takes a list member of a `baggage` field.
    ///
    /// Of members with the same key all are kept, so that they leave as they came.
    mutating func takeW3C(_ item: consuming Baggage.Item) {
        note(w3c.append(item, within: limits))
    }

    /// Counts a pair that cannot be read.
    mutating func refuse() {
        refusedCount += 1
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
