import SpoorText

/// Key-value pairs of the application that travel with a trace, in the order in which they came or were set.
///
/// Keys are tokens (RFC 9110 §5.6.2), because they also become part of field names, and case-sensitive as in W3C Baggage
/// (§3.3.1.1). Pairs that came in the name of a field (`uberctx-KEY`) or in `jaeger-baggage` are the exception: their keys
/// come in lower case and match in any case, because field names have none.
///
/// Pairs of a `baggage` field that nobody changes leave as they came, byte for byte, properties included; setting a value
/// replaces that pair alone.
public struct Baggage: Hashable, Sendable {
    /// One pair.
    public struct Item: Hashable, Sendable {
        /// The name, a token.
        public let key: String
        /// The value, any text.
        public let value: String
        /// The list member of a `baggage` field that the pair was read from, where writing key and value would not give the same.
        let member: String?
        /// Whether the pair came in a field name, so that its key has no case.
        let matchesAnyCase: Bool

        init(key: String, value: String, member: String? = nil, matchesAnyCase: Bool = false) {
            self.key = key
            self.value = value
            self.member = member
            self.matchesAnyCase = matchesAnyCase
        }

        /// The properties of the pair (W3C Baggage §3.3.1.3), as they came after the first `;`; empty if there are none.
        public var properties: String {
            guard let member, let semicolon = member.utf8.firstIndex(of: UInt8(ascii: ";")) else {
                return ""
            }
            let text = String(member[member.index(after: semicolon)...])
            return text.utf8.span.trimmedText
        }

        /// What the pair counts for in ``BaggageLimits/maxByteCount``.
        var byteCount: Int { max(key.utf8.count + value.utf8.count, member?.utf8.count ?? 0) }

        /// Whether a key names this pair.
        func matches(_ other: String) -> Bool {
            matchesAnyCase ? Baggage.isSameInAnyCase(key, other) : key == other
        }

        /// Whether both have the same key, value and properties; how they were written does not matter.
        public static func == (one: Self, other: Self) -> Bool {
            one.key == other.key && one.value == other.value && one.properties == other.properties
        }

        /// Hashes key and value.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    /// The pairs, in the order in which they came or were first set.
    ///
    /// A `baggage` field may name a key several times (W3C Baggage §3.3.1.1); the last one is the value of the key.
    public private(set) var items: [Item] = []

    /// Makes an empty baggage.
    @inlinable
    public init() {}

    /// Whether there is nothing.
    @inlinable public var isEmpty: Bool { items.isEmpty }
    /// How many pairs there are.
    public var count: Int { items.count }
    /// The bytes of all pairs together: of each its key and value, or its text in a `baggage` field (percent-encoding, properties
    /// and white space included) if that is kept and longer.
    public var byteCount: Int {
        items.reduce(0) { $0 + $1.byteCount }
    }

    /// The value of a key; ``Baggage`` says when its case matters.
    ///
    /// Setting replaces; nil removes; what ``set(_:_:within:)`` would refuse is ignored.
    public subscript(key: String) -> String? {
        get { items.last { $0.matches(key) }?.value }
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
    ///
    /// A pair that is replaced keeps its place and loses its properties, which belonged to the former value.
    public mutating func set(
        _ key: String, _ value: String?, within limits: BaggageLimits
    ) -> SetOutcome {
        guard let value else {
            guard Self.isToken(key) else { return .invalidKey }
            items.removeAll { $0.matches(key) }
            return .set
        }
        return put(Item(key: key, value: value), within: limits)
    }

    /// Puts a pair in the place of those of its key, or after the others.
    mutating func put(_ item: consuming Item, within limits: BaggageLimits) -> SetOutcome {
        guard Self.isToken(item.key) else { return .invalidKey }
        guard let place = items.lastIndex(where: { $0.matches(item.key) }) else {
            return append(item, within: limits)
        }
        let replaced = items[place]
        guard byteCount - replaced.byteCount + item.byteCount <= limits.maxByteCount else {
            return .overLimit
        }
        items[place] = Item(
            key: item.key, value: item.value, member: item.member,
            matchesAnyCase: item.matchesAnyCase || replaced.matchesAnyCase)
        for index in items.indices.reversed()
        where index != place && items[index].key == replaced.key {
            items.remove(at: index)
        }
        return .replaced
    }

    /// Adds a pair after the others, whether its key is there already or not.
    mutating func append(_ item: consuming Item, within limits: BaggageLimits) -> SetOutcome {
        guard Self.isToken(item.key) else { return .invalidKey }
        guard byteCount + item.byteCount <= limits.maxByteCount, items.count < limits.maxItemCount
        else { return .overLimit }
        items.append(item)
        return .set
    }

    /// Whether two keys are the same but for the case of ASCII letters, as field names are compared.
    static func isSameInAnyCase(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count
            && zip(one.utf8, other.utf8).allSatisfy { $0.lowercased == $1.lowercased }
    }

    // RFC 9110 §5.6.2: token = 1*tchar.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(\.isTokenByte)
    }
}

/// How much baggage a trace may carry: every service on its way pays for it.
public struct BaggageLimits: Hashable, Sendable {
    /// The greatest number of pairs; 64, the least that W3C Baggage (§3.3.2) lets a platform propagate.
    public var maxItemCount: Int
    /// The greatest sum of the bytes of the pairs (``Baggage/byteCount``); 8192, likewise.
    public var maxByteCount: Int

    /// Makes limits.
    public init(maxItemCount: Int = 64, maxByteCount: Int = 8192) {
        self.maxItemCount = maxItemCount
        self.maxByteCount = maxByteCount
    }
}

extension Baggage: ExpressibleByDictionaryLiteral {
    /// Makes a baggage of pairs, as if set one after the other.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { self[key] = value }
    }
}
