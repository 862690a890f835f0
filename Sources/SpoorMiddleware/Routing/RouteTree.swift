import HTTPTypes
import SpoorHTTP
import SpoorText

/// The routes as a tree of path segments, and the search in it.
///
/// If several routes match, the most specific one is used. Segment by segment from the left, the order is: a literal,
/// a placeholder with a prefix or suffix (the greater total length first, then the longer prefix), a plain
/// placeholder, a placeholder for the rest of the path.
struct RouteTree: Sendable {
    /// A node in the tree of patterns.
    ///
    /// A search visits a node once, so its time is bounded by the number of routes, whatever the path.
    private struct Node: Sendable {
        /// The first of the node's literals, as an index into `literals`.
        var literal: Int?
        /// Placeholders with a literal prefix or suffix, the most specific first.
        var affixed: [AffixedPlaceholder] = []
        /// The child for a placeholder that is a whole segment.
        var placeholder: Int?
        /// The child for a placeholder for the rest of the path.
        var rest: Int?
        /// The first of the node's endpoints, as an index into `endpoints`.
        var endpoint: Int?
    }

    /// A literal segment; the literals of a node are a linked list in one array, so that a search accesses no array
    /// of a node.
    private struct Literal: Sendable {
        let bytes: Range<Int>
        let child: Int
        let next: Int?
    }

    /// An endpoint in the linked list of its node.
    private struct Link: Sendable {
        let methodNumber: UInt8?
        let endpoint: Endpoint
        var next: Int?
    }

    private var nodes = [Node()]
    private var links: [Link] = []
    private var literals: [Literal] = []
    /// The bytes of all literals.
    private var literalBytes: [UInt8] = []

    /// The methods of all routes, in the order in which they were added.
    private(set) var methods: [HTTPRequest.Method] = []

    /// Adds a route.
    ///
    /// - Throws: ``RouteConflict`` if there is a route of the same shape and method already.
    mutating func add(
        _ pattern: RoutePattern, _ route: RouteIdentity, handler: any Handler,
        isMounted: Bool = false
    ) throws(RouteConflict) {
        var node = 0
        for segment in pattern.segments {
            node = child(of: node, for: segment)
        }
        if let existing = endpoints(of: node).first(where: { $0.route.method == route.method }) {
            throw RouteConflict(added: route, existing: existing.route)
        }
        append(
            Endpoint(route, names: pattern.names, handler: handler, isMounted: isMounted), to: node)
        if !methods.contains(route.method) { methods.append(route.method) }
    }

    private mutating func append(_ endpoint: Endpoint, to node: Int) {
        let new = links.count
        links.append(Link(methodNumber: endpoint.methodNumber, endpoint: endpoint))
        guard var last = nodes[node].endpoint else { return nodes[node].endpoint = new }
        while let next = links[last].next { last = next }
        links[last].next = new
    }

    /// The endpoints of a node, in the order in which they were added.
    private func endpoints(of node: Int) -> [Endpoint] {
        var all: [Endpoint] = []
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
        case .parameter(let prefix, let suffix) where prefix.isEmpty && suffix.isEmpty:
            if let known = nodes[parent].placeholder { return known }
            nodes[parent].placeholder = new
        case .parameter(let prefix, let suffix):
            let placeholder = AffixedPlaceholder(prefix: prefix, suffix: suffix, child: new)
            let siblings = nodes[parent].affixed
            if let known = siblings.first(where: { $0.hasShape(of: placeholder) }) {
                return known.child
            }
            let place = siblings.firstIndex { placeholder.isMoreSpecific(than: $0) }
            nodes[parent].affixed.insert(placeholder, at: place ?? siblings.endIndex)
        case .rest:
            if let known = nodes[parent].rest { return known }
            nodes[parent].rest = new
        }
        nodes.append(Node())
        return new
    }

    /// The child of a node for a literal segment.
    @inline(__always)
    private func literal(of node: Int, _ segment: Span<UInt8>) -> Int? {
        let bytes = literalBytes.span
        var next = nodes.span[node].literal
        while let index = next {
            let literal = literals.span[index]
            if literal.bytes.count == segment.count,
                Self.isEqual(bytes.extracting(literal.bytes), segment)
            {
                return literal.child
            }
            next = literal.next
        }
        return nil
    }

    @inline(__always)
    private static func isEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }
}

// MARK: - Searching

extension RouteTree {
    /// Returns the endpoint that is reached by taking the most specific child for each segment; records the positions
    /// of the placeholders' values.
    ///
    /// It is the endpoint that a search finds first, found without recursion and without copies of references: the
    /// common case. Returns nil, without recorded positions, if there is no endpoint for the method, or if a segment
    /// is percent-encoded or may match a placeholder with a literal prefix or suffix, which needs a search.
    @inline(__always)
    func mostSpecificEndpoint(for exchange: Exchange) -> Endpoint? {
        guard let method = exchange.request.knownMethod,
            let node = mostSpecificNode(for: exchange)
        else { return nil }
        let links = links.span
        var next = nodes.span[node].endpoint
        while let index = next {
            if links[index].methodNumber == method.rawValue { return links[index].endpoint }
            next = links[index].next
        }
        _ = discardPositions(of: exchange)
        return nil
    }

    @inline(__always)
    private func mostSpecificNode(for exchange: Exchange) -> Int? {
        let range = exchange.request.pathRange
        let head = exchange.request.headers.bytes
        let path = head.span.extracting(range)
        guard !path.isEmpty, path[0] == .slash else { return nil }
        let nodes = nodes.span
        var node = 0
        var start = 1
        while start <= path.count {
            var stop = start
            while stop < path.count, path[stop] != .slash {
                if path[stop] == .percent { return discardPositions(of: exchange) }
                stop += 1
            }
            if let child = literal(of: node, path.extracting(start..<stop)) {
                node = child
            } else {
                guard let child = nodes[node].placeholder, stop > start,
                    nodes[node].affixed.isEmpty
                else { return discardPositions(of: exchange) }
                exchange.state.value.parameterRanges.append(
                    range.lowerBound + start..<range.lowerBound + stop)
                node = child
            }
            start = stop + 1
        }
        return node
    }

    @inline(never)
    private func discardPositions(of exchange: Exchange) -> Int? {
        exchange.state.value.parameterRanges.removeAll(keepingCapacity: true)
        return nil
    }

    /// Returns the endpoint of the most specific route that matches a path and satisfies a condition.
    ///
    /// - Parameters:
    ///   - head: The bytes of the head.
    ///   - path: The position of the path in them.
    ///   - ranges: Empty; receives the positions of the placeholders' values, in order.
    ///   - condition: Whether the endpoint is for the method.
    func endpoint(
        _ head: [UInt8], path: Range<Int>, ranges: inout [Range<Int>],
        where condition: (Endpoint) -> Bool
    ) -> Endpoint? {
        var found: Endpoint?
        search(head, path, &ranges) { endpoints in
            found = endpoints.first(where: condition)
            return found != nil
        }
        return found
    }

    /// Returns the endpoints of all routes that match a path, whatever the method, the most specific first.
    func endpoints(_ head: [UInt8], path: Range<Int>) -> [Endpoint] {
        var all: [Endpoint] = []
        var ranges: [Range<Int>] = []
        search(head, path, &ranges) { endpoints in
            all += endpoints
            return false
        }
        return all
    }

    /// Visits the endpoints of the routes that match a path, the most specific first, until a visit returns true.
    private func search(
        _ head: [UInt8], _ path: Range<Int>, _ ranges: inout [Range<Int>],
        _ visit: ([Endpoint]) -> Bool
    ) {
        guard !path.isEmpty, head[path.lowerBound] == .slash else { return }
        _ = search(0, head, path.lowerBound + 1, path.upperBound, &ranges, visit)
    }

    /// Searches below a node for the segments from `start`; `start` after `end` means that none is left.
    private func search(
        _ node: Int, _ head: [UInt8], _ start: Int, _ end: Int, _ ranges: inout [Range<Int>],
        _ visit: ([Endpoint]) -> Bool
    ) -> Bool {
        guard start <= end else {
            let endpoints = endpoints(of: node)
            if !endpoints.isEmpty, visit(endpoints) { return true }
            guard let rest = nodes[node].rest else { return false }
            let mounted = self.endpoints(of: rest).filter(\.isMounted)
            return visitRest(mounted, end..<end, &ranges, visit)
        }
        let stop = head[start..<end].firstIndex(of: .slash) ?? end
        let isEncoded = head[start..<stop].contains(.percent)
        let literal =
            isEncoded
            ? self.literal(of: node, PercentEncoding.decode(head[start..<stop]).span)
            : self.literal(of: node, head.span.extracting(start..<stop))
        if let literal, search(literal, head, stop + 1, end, &ranges, visit) { return true }
        for placeholder in nodes[node].affixed {
            guard let range = placeholder.match(head, start..<stop, isEncoded: isEncoded)
            else { continue }
            ranges.append(range)
            if search(placeholder.child, head, stop + 1, end, &ranges, visit) { return true }
            ranges.removeLast()
        }
        if let child = nodes[node].placeholder, stop > start {
            ranges.append(start..<stop)
            if search(child, head, stop + 1, end, &ranges, visit) { return true }
            ranges.removeLast()
        }
        guard let child = nodes[node].rest else { return false }
        return visitRest(endpoints(of: child), start..<end, &ranges, visit)
    }

    private func visitRest(
        _ endpoints: [Endpoint], _ range: Range<Int>, _ ranges: inout [Range<Int>],
        _ visit: ([Endpoint]) -> Bool
    ) -> Bool {
        guard !endpoints.isEmpty else { return false }
        ranges.append(range)
        if visit(endpoints) { return true }
        ranges.removeLast()
        return false
    }
}

extension RouteTree {
    /// The endpoint of a route, for one method; a class, so that a search returns a reference.
    final class Endpoint: Sendable {
        let route: RouteIdentity
        /// The number of the method if it is a common one; numbers are compared without a call.
        let methodNumber: UInt8?
        /// The route as the exchange stores it.
        let template: RouteTemplate
        let answerer: Answerer
        /// Whether it also handles the path before its `{...}`, without a slash.
        let isMounted: Bool

        init(
            _ route: RouteIdentity, names: [String], handler: any Handler, isMounted: Bool
        ) {
            self.isMounted = isMounted
            template = RouteTemplate(route.template, names: names)
            self.route = route
            methodNumber = KnownMethod.allCases.first { $0.method == route.method }?.rawValue
            answerer = Answerer(handler, of: route)
        }

        func answers(_ method: KnownMethod) -> Bool { method.rawValue == methodNumber }
    }

    /// A placeholder for the part of a segment between a literal prefix and a literal suffix, one of which may be empty.
    private struct AffixedPlaceholder: Sendable {
        let prefix: [UInt8]
        let suffix: [UInt8]
        let child: Int

        private var literalCount: Int { prefix.count + suffix.count }

        func hasShape(of other: AffixedPlaceholder) -> Bool {
            prefix == other.prefix && suffix == other.suffix
        }

        func isMoreSpecific(than other: AffixedPlaceholder) -> Bool {
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
            var decoded: [UInt8] = []
            var places: [Int] = []
            PercentEncoding.forEachDecodedByte(of: bytes[segment]) { byte, place in
                decoded.append(byte)
                places.append(place)
            }
            places.append(segment.upperBound)
            guard decoded.count > literalCount, decoded.starts(with: prefix),
                decoded.suffix(suffix.count).elementsEqual(suffix)
            else { return nil }
            return places[prefix.count]..<places[decoded.count - suffix.count]
        }
    }
}
