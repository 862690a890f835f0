/// The data of other tracing systems that is propagated with a trace: the `tracestate` header of W3C Trace Context.
///
/// It is a list of `key=value` members, the latest writer first. A tracer propagates members that it does not know in
/// the same order; a writer removes its previous member and inserts the new one at the front.
public struct TraceState: Hashable, Sendable {
    /// The members as in the header: without blanks around them, without empty members and duplicate keys.
    public let description: String

    /// The maximum number of members of a list (W3C Trace Context §3.3.1.1).
    public static let maxMemberCount = 32

    /// One member.
    public struct Member: Hashable, Sendable {
        /// The name of the writer: 1 to 256 of `a-z`, `0-9`, `_-*/@`, the first a letter or digit.
        public let key: String
        /// The value: 1 to 256 visible ASCII characters or blanks, without `,` and `=`.
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

    /// Returns this state with a member at the front, replacing the member of that key.
    ///
    /// The last member is dropped if there would be more than ``maxMemberCount``.
    ///
    /// - Returns: Nil if the key or the value does not match the grammar.
    public func setting(_ key: String, to value: String) -> TraceState? {
        guard let first = TraceState(key + "=" + value), first.members.count == 1 else {
            return nil
        }
        let others = members.filter { $0.key != key }.prefix(Self.maxMemberCount - 1)
        let texts = others.map { $0.key + "=" + $0.value }
        return TraceState(canonical: ([first.description] + texts).joined(separator: ","))
    }

    /// Returns this state without the member of a key; nil if nothing is left.
    public func removing(_ key: String) -> TraceState? {
        let texts = members.filter { $0.key != key }.map { $0.key + "=" + $0.value }
        return texts.isEmpty ? nil : TraceState(canonical: texts.joined(separator: ","))
    }

    private init(canonical text: String) { description = text }
}

extension TraceState: LosslessStringConvertible {
    /// Parses the value of a `tracestate` header, or several values joined by commas.
    ///
    /// Nil if there is no member, more than 32, or one that does not match the grammar. Of two members with the same
    /// key the first is kept.
    public init?(_ text: String) {
        self.init(bytes: text.utf8.span, maxByteCount: .max)
    }

    /// Parses the value of a header as bytes, and drops members while it is longer than allowed.
    ///
    /// W3C Trace Context §3.3.1.5: members of more than 128 characters are dropped first, then members from the end.
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

    /// The position of a member and the length of its key.
    private struct MemberPosition {
        let range: Range<Int>
        let keyCount: Int
    }

    /// Returns the members in their order without duplicates; nil if the list is invalid.
    private static func members(of text: Swift.Span<UInt8>) -> [MemberPosition]? {
        var positions: [MemberPosition] = []
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
                let position = MemberPosition(range: range, keyCount: keyCount)
                if !positions.contains(where: { haveSameKey($0, position, text) }) {
                    positions.append(position)
                }
            }
            start = end + 1
        }
        return positions
    }

    /// Returns the length of the key of a member; nil if it does not match the grammar (level 2, §3.3.1.3).
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
        _ one: MemberPosition, _ other: MemberPosition, _ text: Swift.Span<UInt8>
    ) -> Bool {
        guard one.keyCount == other.keyCount else { return false }
        for offset in 0..<one.keyCount {
            let first = text[one.range.lowerBound + offset]
            guard first == text[other.range.lowerBound + offset] else { return false }
        }
        return true
    }
}
