/// Key-value pairs of the application that travel with a trace, in the order of their first setting.
///
/// Keys are kept in lower case, because that is what HTTP makes of them on the way, and must be
/// tokens (RFC 9110 §5.6.2), because they become part of a field name.
public struct Baggage: Hashable, Sendable {
    /// One pair.
    public struct Item: Hashable, Sendable {
        /// The name, in lower case.
        public let key: String
        /// The value, any text.
        public let value: String
    }

    /// The pairs in the order of their first setting.
    public private(set) var items: [Item] = []

    /// Makes an empty baggage.
    public init() {}

    /// Whether there is nothing.
    public var isEmpty: Bool { items.isEmpty }
    /// How many pairs there are.
    public var count: Int { items.count }
    /// The bytes of all keys and values together.
    public var byteCount: Int {
        items.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }

    /// The value of a key, whose case does not matter.
    ///
    /// Setting replaces; nil removes; what ``set(_:_:within:)`` would refuse is ignored.
    public subscript(key: String) -> String? {
        get {
            guard !items.isEmpty else { return nil }
            let key = key.lowercased()
            return items.first { $0.key == key }?.value
        }
        set { _ = set(key, newValue, within: BaggageLimits()) }
    }

    /// What became of an attempt to set a pair.
    public enum SetOutcome: Hashable, Sendable {
        /// The pair is new, or one was removed, or there was none to remove.
        case set
        /// The pair replaced one of the same key.
        case replaced
        /// The key is empty or has a byte that a field name must not have.
        case invalidKey
        /// The key is not among those that this service may set.
        case forbiddenKey
        /// The pair would exceed a limit; nothing changed.
        case overLimit
    }

    /// Sets or (with nil) removes the pair of a key.
    public mutating func set(
        _ key: String, _ value: String?, within limits: BaggageLimits
    ) -> SetOutcome {
        guard Self.isToken(key) else { return .invalidKey }
        let key = key.lowercased()
        let place = items.firstIndex { $0.key == key }
        guard let value else {
            if let place { items.remove(at: place) }
            return .set
        }
        let freed = place.map { items[$0].key.utf8.count + items[$0].value.utf8.count } ?? 0
        let needed = key.utf8.count + value.utf8.count
        guard byteCount - freed + needed <= limits.byteCountMax,
            place != nil || items.count < limits.itemCountMax
        else { return .overLimit }
        guard let place else {
            items.append(Item(key: key, value: value))
            return .set
        }
        items[place] = Item(key: key, value: value)
        return .replaced
    }

    // RFC 9110 §5.6.2: token = 1*tchar.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
                    UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
                    UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
                    UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
                    true
                default: false
                }
            }
    }
}

/// How much baggage a trace may carry: every service on its way pays for it.
public struct BaggageLimits: Hashable, Sendable {
    /// The greatest number of pairs; 64, the least that W3C baggage lets a platform propagate.
    public var itemCountMax: Int
    /// The greatest sum of the bytes of keys and values; 8192, likewise.
    public var byteCountMax: Int

    /// Makes limits.
    public init(itemCountMax: Int = 64, byteCountMax: Int = 8192) {
        self.itemCountMax = itemCountMax
        self.byteCountMax = byteCountMax
    }
}

extension Baggage: ExpressibleByDictionaryLiteral {
    /// Makes a baggage of pairs, as if set one after the other.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { self[key] = value }
    }
}
