import HTTPTypes
import SpoorHTTP
import SpoorText

/// The routes as a tree of path segments.
///
/// If several routes match, the most specific one is used. Segment by segment from the left, the order is: a literal,
/// a parameter with a prefix or suffix (the greater total length first, then the longer prefix), a plain
/// parameter, a parameter for the rest of the path, a fallback.
struct RouteTree: Sendable {
    /// A node in the tree of patterns.
    ///
    /// A search visits a node once, so its time is bounded by the number of routes, whatever the path.
    struct Node: Sendable {
        /// The first of the node's literals, as an index into `literals`.
        var literal: Int?
        /// The first of the literals that a search compares one by one: that of ``literal``, or none if they are found by
        /// their hash.
        var comparedLiteral: Int?
        /// The node's part of `slots`, if its literals are found by their hash.
        var slots = 0..<0
        /// The number of the node's literals.
        var literalCount = 0
        /// Parameters with a literal prefix or suffix, the most specific first.
        var affixed: [AffixedParameter] = []
        /// The child for a parameter that is a whole segment.
        var parameter: Int?
        /// The child for a parameter for the rest of the path.
        var rest: Int?
        /// The first of the node's endpoints, as an index into `links`.
        var endpoint: Int?
        /// The handler for unknown paths at and below the node, as an index into `links`.
        var fallback: Int?
    }

    /// A literal segment; the literals of a node are a linked list in one array, so that a search accesses no array
    /// of a node.
    struct Literal: Sendable {
        let bytes: Range<Int>
        let child: Int
        let next: Int?
    }

    /// An endpoint in the linked list of its node.
    struct Link: Sendable {
        /// The number of the method if it is a common one; numbers are compared without a call.
        let methodNumber: UInt8?
        /// Whether it is for every method.
        let isForAnyMethod: Bool
        /// Whether it also handles the path before its `{...}`, without a slash.
        let isMounted: Bool
        let endpoint: RouteEndpoint
        var next: Int?
    }

    /// Whether a path with a trailing slash is the same as the path without it.
    let ignoresTrailingSlash: Bool

    private(set) var nodes = [Node()]
    private(set) var links: [Link] = []
    private(set) var literals: [Literal] = []
    /// The bytes of all literals.
    private(set) var literalBytes: [UInt8] = []
    /// Hash tables of the nodes with many literals: indices into `literals`, or -1.
    private(set) var slots: [Int] = []

    init(ignoresTrailingSlash: Bool = false) {
        self.ignoresTrailingSlash = ignoresTrailingSlash
    }

    /// Adds a route.
    ///
    /// - Throws: ``RouteConflict`` if there is a route of the same shape and method already.
    mutating func add(
        _ pattern: RoutePattern, _ endpoint: RouteEndpoint, isMounted: Bool = false
    ) throws(RouteConflict) {
        var node = 0
        for segment in segments(of: pattern) {
            node = child(of: node, for: segment)
        }
        let route = endpoint.route
        if let existing = endpoints(of: node).first(where: { $0.route.method == route.method }) {
            throw RouteConflict(added: route, existing: existing.route)
        }
        let new = append(endpoint, isMounted: isMounted)
        guard var last = nodes[node].endpoint else { return nodes[node].endpoint = new }
        while let next = links[last].next { last = next }
        links[last].next = new
    }

    /// Adds the handler for paths at and below a prefix that no route matches.
    ///
    /// - Throws: ``RouteConflict`` if the prefix has one already.
    mutating func addFallback(
        at prefix: RoutePattern?, _ endpoint: RouteEndpoint
    ) throws(RouteConflict) {
        var node = 0
        for segment in prefix?.segments ?? [] {
            node = child(of: node, for: segment)
        }
        if let existing = nodes[node].fallback {
            throw RouteConflict(added: endpoint.route, existing: links[existing].endpoint.route)
        }
        nodes[node].fallback = append(endpoint, isMounted: false)
    }

    /// The segments as they are matched: if trailing slashes are ignored, without that of the pattern.
    private func segments(of pattern: RoutePattern) -> ArraySlice<RoutePattern.Segment> {
        let segments = pattern.segments[...]
        let isSlashed = segments.count > 1 && segments.last == .literal([])
        return ignoresTrailingSlash && isSlashed ? segments.dropLast() : segments
    }

    private mutating func append(_ endpoint: RouteEndpoint, isMounted: Bool) -> Int {
        let method = endpoint.route.method.method
        links.append(
            Link(
                methodNumber: KnownMethod.allCases.first { $0.method == method }?.rawValue,
                isForAnyMethod: method == nil, isMounted: isMounted, endpoint: endpoint))
        return links.count - 1
    }

    /// The endpoints of a node, in the order in which they were added.
    private func endpoints(of node: Int) -> [RouteEndpoint] {
        var all: [RouteEndpoint] = []
        var next = nodes[node].endpoint
        while let index = next {
            all.append(links[index].endpoint)
            next = links[index].next
        }
        return all
    }

    private mutating func child(of parent: Int, for segment: RoutePattern.Segment) -> Int {
        let new = nodes.count
        switch segment {
        case .literal(let bytes):
            if let known = literal(of: parent, bytes.span) { return known }
            let start = literalBytes.count
            literalBytes += bytes
            literals.append(
                Literal(
                    bytes: start..<literalBytes.count, child: new, next: nodes[parent].literal))
            nodes[parent].literal = literals.count - 1
            nodes[parent].comparedLiteral = literals.count - 1
            nodes[parent].literalCount += 1
            nodes[parent].slots = 0..<0
        case .parameter(let prefix, let suffix) where prefix.isEmpty && suffix.isEmpty:
            if let known = nodes[parent].parameter { return known }
            nodes[parent].parameter = new
        case .parameter(let prefix, let suffix):
            let parameter = AffixedParameter(prefix: prefix, suffix: suffix, child: new)
            let siblings = nodes[parent].affixed
            if let known = siblings.first(where: { $0.hasShape(of: parameter) }) {
                return known.child
            }
            let place = siblings.firstIndex { parameter.isMoreSpecific(than: $0) }
            nodes[parent].affixed.insert(parameter, at: place ?? siblings.endIndex)
        case .rest:
            if let known = nodes[parent].rest { return known }
            nodes[parent].rest = new
        }
        nodes.append(Node())
        return new
    }

    // MARK: Hash tables

    /// The maximum number of literals of a node that a search compares one by one; a hash costs about as much as that
    /// many comparisons.
    private static let maxComparedLiterals = 6

    /// Creates the hash tables of the nodes with many literals.
    ///
    /// The keys are those of the program, so no request can make a table slow.
    mutating func index() {
        slots = []
        for node in nodes.indices where nodes[node].literalCount > Self.maxComparedLiterals {
            // At most half of the slots are used.
            var size = 2
            while size < nodes[node].literalCount * 2 { size *= 2 }
            let start = slots.count
            slots += Array(repeating: -1, count: size)
            var next = nodes[node].literal
            while let index = next {
                var hash = LiteralHash()
                for byte in literalBytes[literals[index].bytes] { hash.combine(byte) }
                var slot = hash.value & (size - 1)
                while slots[start + slot] >= 0 { slot = (slot + 1) & (size - 1) }
                slots[start + slot] = index
                next = literals[index].next
            }
            nodes[node].slots = start..<slots.count
            nodes[node].comparedLiteral = nil
        }
    }
}

/// The hash of a literal segment: FNV-1a, folded, so that its low bits depend on all bytes.
struct LiteralHash {
    private var bits: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func combine(_ byte: UInt8) {
        bits = (bits ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    /// The hash; not negative.
    @inline(__always)
    var value: Int { Int(truncatingIfNeeded: (bits ^ bits >> 32) & 0x7FFF_FFFF) }
}

/// A parameter for the part of a segment between a literal prefix and a literal suffix, one of which may be empty.
struct AffixedParameter: Sendable {
    let prefix: [UInt8]
    let suffix: [UInt8]
    let child: Int

    private var literalCount: Int { prefix.count + suffix.count }

    func hasShape(of other: AffixedParameter) -> Bool {
        prefix == other.prefix && suffix == other.suffix
    }

    func isMoreSpecific(than other: AffixedParameter) -> Bool {
        (literalCount, prefix.count) > (other.literalCount, other.prefix.count)
    }

    /// Returns the position of its value, of at least one byte, in a segment; nil if the segment does not match.
    func match(_ bytes: [UInt8], _ segment: Range<Int>, isEncoded: Bool) -> Range<Int>? {
        if isEncoded { return matchEncoded(bytes, segment) }
        guard segment.count > literalCount else { return nil }
        let range = segment.lowerBound + prefix.count..<segment.upperBound - suffix.count
        guard bytes[segment.lowerBound..<range.lowerBound].elementsEqual(prefix),
            bytes[range.upperBound..<segment.upperBound].elementsEqual(suffix)
        else { return nil }
        return range
    }

    /// As ``match``, for a segment whose literal parts may be percent-encoded.
    private func matchEncoded(_ bytes: [UInt8], _ segment: Range<Int>) -> Range<Int>? {
        var count = 0
        PercentEncoding.forEachDecodedByte(of: bytes[segment]) { _, _ in count += 1 }
        guard count > literalCount else { return nil }
        let value = prefix.count..<count - suffix.count
        var start = segment.lowerBound
        var end = segment.upperBound
        var isMatch = true
        var index = 0
        PercentEncoding.forEachDecodedByte(of: bytes[segment]) { byte, place in
            if index == value.lowerBound { start = place }
            if index == value.upperBound { end = place }
            if index < value.lowerBound {
                isMatch = isMatch && byte == prefix[index]
            } else if index >= value.upperBound {
                isMatch = isMatch && byte == suffix[index - value.upperBound]
            }
            index += 1
        }
        return isMatch ? start..<end : nil
    }
}
