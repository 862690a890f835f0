import SpoorText

/// Application key-value pairs that are propagated with a trace (baggage), in the order in which they were received or
/// set.
///
/// Keys are tokens (RFC 9110 §5.6.2), because they also become part of header names, and are case-sensitive as in W3C
/// Baggage (§3.3.1.1). Pairs received in a header name (`uberctx-KEY`) or in `jaeger-baggage` are the exception: their
/// keys are stored in lower case and match case-insensitively, because header names are case-insensitive.
///
/// Pairs of a received `baggage` header that are not changed are sent byte for byte as they were received, properties
/// included; setting a value replaces only that pair.
public struct Baggage: Hashable, Sendable {
    /// One key-value pair.
    public struct Item: Hashable, Sendable {
        /// The key, a token.
        public let key: String
        /// The value, any text.
        public let value: String
        /// The list member of a `baggage` header that the pair was read from; nil if encoding key and value gives the
        /// same text.
        let member: String?
        /// Whether the pair was received in a header name, so that its key is case-insensitive.
        let matchesAnyCase: Bool

        init(key: String, value: String, member: String? = nil, matchesAnyCase: Bool = false) {
            self.key = key
            self.value = value
            self.member = member
            self.matchesAnyCase = matchesAnyCase
        }

        /// The properties of the pair (W3C Baggage §3.3.1.3), as received after the first `;`; empty if there are none.
        public var properties: String {
            guard let member, let semicolon = member.utf8.firstIndex(of: UInt8(ascii: ";")) else {
                return ""
            }
            let text = String(member[member.index(after: semicolon)...])
            return text.utf8.span.trimmedText
        }

        /// The number of bytes that the pair adds to ``Baggage/byteCount``.
        var byteCount: Int { max(key.utf8.count + value.utf8.count, member?.utf8.count ?? 0) }

        /// Returns whether a key names this pair.
        func matches(_ other: String) -> Bool {
            matchesAnyCase ? Baggage.isSameInAnyCase(key, other) : key == other
        }

        /// Returns whether both have the same key, value and properties; differences in encoding are ignored.
        public static func == (one: Self, other: Self) -> Bool {
            one.key == other.key && one.value == other.value && one.properties == other.properties
        }

        /// Hashes the key and the value.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    /// The pairs, in the order in which they were received or first set.
    ///
    /// A `baggage` header may contain a key several times (W3C Baggage §3.3.1.1); the last member is the value of the
    /// key.
    public private(set) var items: [Item] = []

    /// Creates an empty baggage.
    @inlinable
    public init() {}

    /// Whether there are no pairs.
    @inlinable public var isEmpty: Bool { items.isEmpty }
    /// The number of pairs.
    public var count: Int { items.count }
    /// The sum of the sizes of all pairs, in bytes: for each its key and value, or its text in a `baggage` header
    /// (percent-encoding, properties and white space included) if that is kept and longer.
    public var byteCount: Int {
        items.reduce(0) { $0 + $1.byteCount }
    }

    /// The value of a key; ``Baggage`` documents when its case matters.
    ///
    /// Setting a value replaces the pair, setting nil removes it; what ``set(_:_:within:)`` would reject is ignored.
    public subscript(key: String) -> String? {
        get { items.last { $0.matches(key) }?.value }
        set { _ = set(key, newValue, within: BaggageLimits()) }
    }

    /// The result of setting a pair.
    public enum SetOutcome: Hashable, Sendable {
        /// The pair was added or removed, or there was no pair to remove.
        case set
        /// The pair replaced one of the same key.
        case replaced
        /// The key is empty or contains a byte that is not allowed in a header name.
        case invalidKey
        /// The key is not one of those that this service may set.
        case forbiddenKey
        /// The pair would exceed a limit; nothing was changed.
        case overLimit
    }

    /// Sets the pair of a key, or removes it if the value is nil.
    ///
    /// A replaced pair keeps its position and loses its properties, which belonged to the previous value.
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

    /// Replaces the pairs of the same key, or appends the pair.
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

    /// Appends a pair, whether or not its key is present already.
    mutating func append(_ item: consuming Item, within limits: BaggageLimits) -> SetOutcome {
        guard Self.isToken(item.key) else { return .invalidKey }
        guard byteCount + item.byteCount <= limits.maxByteCount, items.count < limits.maxItemCount
        else { return .overLimit }
        items.append(item)
        return .set
    }

    /// Returns whether two keys are equal when the case of ASCII letters is ignored, as header names are compared.
    static func isSameInAnyCase(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count
            && zip(one.utf8, other.utf8).allSatisfy { $0.lowercased == $1.lowercased }
    }

    // RFC 9110 §5.6.2: token = 1*tchar.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(\.isTokenByte)
    }
}

/// The limits of the baggage of a trace: each service that the trace passes pays for it.
public struct BaggageLimits: Hashable, Sendable {
    /// The maximum number of pairs; 64 is the minimum that W3C Baggage (§3.3.2) requires a platform to propagate.
    public var maxItemCount: Int
    /// The maximum of ``Baggage/byteCount``, in bytes; 8192, for the same reason.
    public var maxByteCount: Int

    /// Creates limits.
    public init(maxItemCount: Int = 64, maxByteCount: Int = 8192) {
        self.maxItemCount = maxItemCount
        self.maxByteCount = maxByteCount
    }
}

extension Baggage: ExpressibleByDictionaryLiteral {
    /// Creates baggage of pairs, as if they were set one after the other.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { self[key] = value }
    }
}
