/// What other tracing systems let travel with a trace: the `tracestate` field of W3C Trace Context.
///
/// A list of `key=value` members, the latest writer first. A tracer hands on what it does not know
/// in the same order; who writes removes its old member and puts the new one in front.
public struct TraceState: Hashable, Sendable {
    /// The members as the field has them: no blanks around them, no empty ones, no key twice.
    public let description: String

    /// The most members that a list may have (W3C Trace Context §3.3.1.1).
    public static let maxMemberCount = 32

    /// One member.
    public struct Member: Hashable, Sendable {
        /// Who wrote it: 1 to 256 of `a-z`, `0-9`, `_-*/@`, the first a letter or digit.
        public let key: String
        /// What it wrote: 1 to 256 visible characters of ASCII or blanks, without `,` and `=`.
        public let value: String
    }

    /// The members, the latest writer first; at least one.
    public var members: [Member] {
        description.utf8.split(separator: UInt8(ascii: ",")).compactMap { member in
            let parts = member.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return Member(
                key: String(decoding: parts[0], as: UTF8.self),
                value: String(decoding: parts[1], as: UTF8.self))
        }
    }

    /// The value of a key; nil if it has no member.
    public subscript(key: String) -> String? {
        members.first { $0.key == key }?.value
    }

    /// This state with a member in front, in the place of the one of that key if there is one.
    ///
    /// The last member goes if there would be more than ``maxMemberCount``.
    ///
    /// - Returns: Nil if the key or the value breaks the grammar.
    public func setting(_ key: String, to value: String) -> TraceState? {
        guard let first = TraceState(key + "=" + value), first.members.count == 1 else {
            return nil
        }
        let others = members.filter { $0.key != key }.prefix(Self.maxMemberCount - 1)
        let texts = others.map { $0.key + "=" + $0.value }
        return TraceState(canonical: ([first.description] + texts).joined(separator: ","))
    }

    /// This state without the member of a key; nil if nothing is left.
    public func removing(_ key: String) -> TraceState? {
        let texts = members.filter { $0.key != key }.map { $0.key + "=" + $0.value }
        return texts.isEmpty ? nil : TraceState(canonical: texts.joined(separator: ","))
    }

    private init(canonical text: String) { description = text }
}

extension TraceState: LosslessStringConvertible {
    /// Reads the value of a `tracestate` field, or of several joined by commas.
    ///
    /// Nil if there is no member, more than 32, or one that breaks the grammar. Of two members with
    /// one key the first is kept.
    public init?(_ text: String) {
        self.init(bytes: text.utf8.span, maxByteCount: .max)
    }

    /// Reads the value of a field as bytes, and lets members go while it is longer than allowed.
    ///
    /// W3C Trace Context §3.3.1.5: members of more than 128 characters go first, then from the end.
    init?(bytes text: Swift.Span<UInt8>, maxByteCount: Int) {
        guard var members = Self.members(of: text) else { return nil }
        var byteCount = members.reduce(-1) { $0 + $1.range.count + 1 }
        while byteCount > maxByteCount, !members.isEmpty {
            let index = members.lastIndex { $0.range.count > 128 } ?? members.count - 1
            byteCount -= members.remove(at: index).range.count + 1
        }
        guard !members.isEmpty else { return nil }
        var canonical: [UInt8] = []
        canonical.reserveCapacity(byteCount)
        for member in members {
            if !canonical.isEmpty { canonical.append(UInt8(ascii: ",")) }
            for index in member.range { canonical.append(text[index]) }
        }
        self.init(canonical: String(decoding: canonical, as: UTF8.self))
    }

    /// Where a member is, and how long its key.
    private struct Place {
        let range: Range<Int>
        let keyCount: Int
    }

    /// The members in their order without repetitions; nil if the list is invalid.
    private static func members(of text: Swift.Span<UInt8>) -> [Place]? {
        var places: [Place] = []
        var memberCount = 0
        var start = 0
        while start <= text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: ",") { end += 1 }
            let content = text.extracting(start..<end).rangeWithoutBlanks
            if !content.isEmpty {
                let range = start + content.lowerBound..<start + content.upperBound
                memberCount += 1
                guard memberCount <= maxMemberCount,
                    let keyCount = keyCount(ofMember: text.extracting(range))
                else { return nil }
                let place = Place(range: range, keyCount: keyCount)
                if !places.contains(where: { haveSameKey($0, place, text) }) {
                    places.append(place)
                }
            }
            start = end + 1
        }
        return places
    }

    /// How long the key of a member is; nil if it breaks the grammar (level 2, §3.3.1.3).
    private static func keyCount(ofMember text: Swift.Span<UInt8>) -> Int? {
        var keyCount = 0
        while keyCount < text.count, text[keyCount] != UInt8(ascii: "=") {
            guard isKeyByte(text[keyCount], isFirst: keyCount == 0) else { return nil }
            keyCount += 1
        }
        guard 1...256 ~= keyCount, keyCount < text.count else { return nil }
        let value = text.extracting(keyCount + 1..<text.count)
        guard 1...256 ~= value.count else { return nil }
        for index in value.indices {
            guard 0x20...0x7e ~= value[index], value[index] != UInt8(ascii: "=") else {
                return nil
            }
        }
        return keyCount
    }

    private static func isKeyByte(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
            UInt8(ascii: "@"):
            !isFirst
        default: false
        }
    }

    private static func haveSameKey(
        _ one: Place, _ other: Place, _ text: Swift.Span<UInt8>
    ) -> Bool {
        guard one.keyCount == other.keyCount else { return false }
        for offset in 0..<one.keyCount {
            let first = text[one.range.lowerBound + offset]
            guard first == text[other.range.lowerBound + offset] else { return false }
        }
        return true
    }
}
