/// Collects the baggage pairs of a message, within the limits.
///
/// Pairs of Jaeger's headers and pairs of W3C Baggage are kept separate until ``finish(prefersW3C:)``, because a pair
/// is often sent in both.
struct BaggageReader {
    /// The pairs of `uberctx-*` and `jaeger-baggage`.
    private var jaeger = Baggage()
    /// The pairs of `baggage`.
    private var w3c = Baggage()
    /// The number of pairs that were dropped because of their keys or the limits.
    private(set) var rejectedCount = 0
    private let limits: BaggageLimits

    private static let maxRejectedCount = 128

    init(within limits: BaggageLimits) {
        self.limits = limits
    }

    /// Whether the maximum number of pairs was rejected, after which the remaining ones are not read.
    var isFull: Bool { rejectedCount >= Self.maxRejectedCount }

    /// Adds a pair in Jaeger's format.
    mutating func takeJaeger(_ item: consuming Baggage.Item) {
        count(jaeger.put(item, within: limits))
    }

    /// Adds a list member of a `baggage` header.
    ///
    /// All members with the same key are kept, so that they are sent on as they were received.
    mutating func takeW3C(_ item: consuming Baggage.Item) {
        count(w3c.append(item, within: limits))
    }

    /// Counts a pair that cannot be read.
    mutating func reject() {
        rejectedCount += 1
    }

    /// Returns the pairs of both formats, merged.
    ///
    /// A service that writes both formats sends each pair twice, with the key in lower case in Jaeger's headers. A pair
    /// of Jaeger's headers whose key occurs in the `baggage` header, compared case-insensitively, is therefore the
    /// same pair: if the values differ, the preferred header wins, and the key keeps the case of W3C Baggage. If the
    /// `baggage` header has several such keys, the pair of Jaeger's header is ambiguous and ignored.
    ///
    /// - Parameter prefersW3C: Whether the `baggage` header wins, and its pairs are added first if there is not room
    ///   for all.
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
            count(w3c.set(w3c.items[place].key, item.value, within: limits))
        }
        var all = prefersW3C ? w3c : own
        for item in (prefersW3C ? own : w3c).items { count(all.append(item, within: limits)) }
        return all
    }

    private mutating func count(_ outcome: Baggage.SetOutcome) {
        switch outcome {
        case .set, .replaced: break
        case .invalidKey, .forbiddenKey, .overLimit: rejectedCount += 1
        }
    }
}
