/// An entity tag: the identifier of one state of a resource, as in `ETag` (RFC 9110 §8.8.3).
///
/// ```swift
/// let tag = EntityTag("\"v7\"")            // as in a header
/// let other = EntityTag(opaque: "v7")      // the same
/// ```
public struct EntityTag: Hashable, Sendable {
    /// The text between the quotes.
    public let opaque: String
    /// Whether the tag is weak: two states with the same tag are equivalent, but need not have the same bytes.
    public let isWeak: Bool

    /// Creates an entity tag from the text between the quotes; returns nil if it contains a space, a quote or a
    /// control byte (RFC 9110 §8.8.3).
    public init?(opaque: String, isWeak: Bool = false) {
        guard opaque.utf8.allSatisfy(Self.isTagByte) else { return nil }
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// Returns whether two tags are equal and neither is weak, as `If-Match` and ranges require (RFC 9110 §8.8.3.2).
    public func stronglyMatches(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }

    /// Returns whether two tags are equal, weak or not, as `If-None-Match` requires (RFC 9110 §8.8.3.2).
    public func weaklyMatches(_ other: EntityTag) -> Bool { opaque == other.opaque }

    /// RFC 9110 §8.8.3: `etagc = %x21 / %x23-7E / obs-text`.
    fileprivate static func isTagByte(_ byte: UInt8) -> Bool {
        byte > .space && byte != .quote && byte != .delete
    }
}

extension EntityTag: LosslessStringConvertible {
    /// Parses a tag as in a header: `"v7"` or `W/"v7"`; returns nil for anything else.
    public init?(_ description: String) {
        var reader = HeaderValueReader(description.utf8)
        guard let tag = reader.entityTag(), reader.rest.isEmpty else { return nil }
        self = tag
    }

    /// The tag as a header value.
    public var description: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }
}

/// The value of `If-Match` or `If-None-Match` (RFC 9110 §13.1.1, §13.1.2).
public enum EntityTagList: Hashable, Sendable {
    /// `*`: any current state of the resource.
    case any
    /// One of these states; empty for a header that is malformed, which matches nothing.
    case tags([EntityTag])

    /// Parses a header value.
    ///
    /// A malformed list, such as a tag without quotes or `*` among tags, is empty: `If-None-Match` then matches
    /// nothing, so that the response is sent, and `If-Match` matches nothing, so that the request is rejected.
    public init(_ value: String) { self.init(value.utf8) }

    /// Parses the bytes of a header value; a tag that is not UTF-8 matches nothing.
    package init(_ value: some Sequence<UInt8>) {
        var reader = HeaderValueReader(value)
        reader.skipBlanks()
        if reader.skip(.asterisk) {
            reader.skipBlanks()
            self = reader.rest.isEmpty ? .any : .tags([])
        } else {
            self = .tags(reader.entityTags() ?? [])
        }
    }

    /// Returns whether a state is listed, by strong comparison: for `If-Match`.
    ///
    /// - Parameter tag: The tag of the current state; nil if it has none, which only ``any`` matches.
    public func stronglyMatches(_ tag: EntityTag?) -> Bool {
        matches { listed in tag.map(listed.stronglyMatches) ?? false }
    }

    /// Returns whether a state is listed, by weak comparison: for `If-None-Match`.
    ///
    /// - Parameter tag: The tag of the current state; nil if it has none, which only ``any`` matches.
    public func weaklyMatches(_ tag: EntityTag?) -> Bool {
        matches { listed in tag.map(listed.weaklyMatches) ?? false }
    }

    private func matches(_ isMatch: (EntityTag) -> Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains(where: isMatch)
        }
    }
}

extension EntityTagList: CustomStringConvertible {
    /// The list as a header value.
    public var description: String {
        switch self {
        case .any: "*"
        case .tags(let tags): tags.map(\.description).joined(separator: ", ")
        }
    }
}

extension HeaderValueReader {
    /// Parses an entity tag, which must be next; returns nil if there is none, or if it is not UTF-8.
    fileprivate mutating func entityTag() -> EntityTag? {
        entityTagBytes().flatMap { tag in
            String(validating: tag.opaque, as: UTF8.self).flatMap {
                EntityTag(opaque: $0, isWeak: tag.isWeak)
            }
        }
    }

    private mutating func entityTagBytes() -> (opaque: ArraySlice<UInt8>, isWeak: Bool)? {
        var isWeak = false
        if rest.starts(with: "W/".utf8) {
            isWeak = true
            rest = rest.dropFirst(2)
        }
        guard skip(.quote) else { return nil }
        let opaque = rest.prefix(while: EntityTag.isTagByte)
        rest = rest.dropFirst(opaque.count)
        return skip(.quote) ? (opaque, isWeak) : nil
    }

    /// Parses a list of entity tags to the end, with empty elements (RFC 9110 §5.6.1.2); returns nil for anything else.
    fileprivate mutating func entityTags() -> [EntityTag]? {
        var tags: [EntityTag] = []
        while true {
            skipBlanks()
            if rest.isEmpty { return tags }
            if skip(.comma) { continue }
            let start = self
            if let tag = entityTag() {
                tags.append(tag)
            } else {
                self = start
                guard entityTagBytes() != nil else { return nil }
            }
            skipBlanks()
            guard isAtElementEnd else { return nil }
        }
    }
}
