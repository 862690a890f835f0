import HTTPTypes
import SpoorHTTP
import SpoorText

/// The routes as a tree of path segments, and the walk through it.
///
/// Where several routes match, the most specific one comes first: segment by segment from the left, a literal before a
/// placeholder with a prefix or a suffix (the longer they are together, then the longer the prefix), before one without,
/// before one for the rest of the path.
struct RouteTree: Sendable {
    /// A node is a place in one pattern tree and is looked at once a walk, so a walk is bounded by the number of routes,
    /// whatever the path is like.
    private struct Node: Sendable {
        var literals: [(bytes: [UInt8], child: Int)] = []
        /// The most specific first.
        var placeholders: [Placeholder] = []
        var rest: Int?
        var endpoints: [Endpoint] = []
    }

    private var nodes = [Node()]

    /// Adds a route.
    ///
    /// - Throws: ``RouteConflict`` if one of the same shape and method is there already.
    mutating func add(
        _ pattern: RoutePattern, _ route: RouteIdentity, handler: any Handler,
        isMounted: Bool = false
    ) throws(RouteConflict) {
        var at = 0
        for segment in pattern.segments {
            at = child(of: at, for: segment)
        }
        if let existing = nodes[at].endpoints.first(where: { $0.route.method == route.method }) {
            throw RouteConflict(added: route, existing: existing.route)
        }
        nodes[at].endpoints.append(
            Endpoint(route, names: pattern.names, handler: handler, isMounted: isMounted))
    }

    /// The endpoint of the most specific route that matches a path and a method.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the head.
    ///   - path: Where the path lies in them.
    ///   - ranges: Gets the places of what the placeholders stand for, in order.
    ///   - answers: Whether an endpoint is there for the method.
    func endpoint(
        _ bytes: [UInt8], path: Range<Int>, ranges: inout [Range<Int>],
        where answers: (Endpoint) -> Bool
    ) -> Endpoint? {
        var found: Endpoint?
        walk(bytes, path, &ranges) { endpoints in
            for endpoint in endpoints where answers(endpoint) {
                found = endpoint
                return true
            }
            return false
        }
        return found
    }

    /// The endpoints of all routes that match a path, whatever the method, the most specific first.
    func endpoints(_ bytes: [UInt8], path: Range<Int>) -> [Endpoint] {
        var all: [Endpoint] = []
        var ranges: [Range<Int>] = []
        walk(bytes, path, &ranges) { endpoints in
            all += endpoints
            return false
        }
        return all
    }

    private mutating func child(of parent: Int, for segment: RoutePattern.Segment) -> Int {
        let next = nodes.count
        switch segment {
        case .literal(let bytes):
            if let known = nodes[parent].literals.first(where: { $0.bytes == bytes }) {
                return known.child
            }
            nodes[parent].literals.append((bytes, next))
        case .parameter(let prefix, let suffix):
            let placeholder = Placeholder(prefix: prefix, suffix: suffix, child: next)
            let siblings = nodes[parent].placeholders
            if let known = siblings.first(where: { $0.hasShape(of: placeholder) }) {
                return known.child
            }
            let place = siblings.firstIndex { placeholder.isMoreSpecific(than: $0) }
            nodes[parent].placeholders.insert(placeholder, at: place ?? siblings.endIndex)
        case .rest:
            if let known = nodes[parent].rest { return known }
            nodes[parent].rest = next
        }
        nodes.append(Node())
        return next
    }

    // MARK: The walk

    /// Visits the endpoints of the routes that match a path, the most specific first, until a visit says that it is enough.
    private func walk(
        _ bytes: [UInt8], _ path: Range<Int>, _ ranges: inout [Range<Int>],
        _ visit: ([Endpoint]) -> Bool
    ) {
        guard !path.isEmpty, bytes[path.lowerBound] == UInt8(ascii: "/") else { return }
        _ = walk(0, bytes, path.lowerBound + 1, path.upperBound, &ranges, visit)
    }

    /// Looks below a node for the segments from `start`; `start` behind `end` means that none is left.
    private func walk(
        _ at: Int, _ bytes: [UInt8], _ start: Int, _ end: Int, _ ranges: inout [Range<Int>],
        _ visit: ([Endpoint]) -> Bool
    ) -> Bool {
        guard start <= end else {
            if !nodes[at].endpoints.isEmpty, visit(nodes[at].endpoints) { return true }
            guard let rest = nodes[at].rest else { return false }
            let mounted = nodes[rest].endpoints.filter(\.isMounted)
            return visitRest(mounted, end..<end, &ranges, visit)
        }
        var stop = start
        var isEncoded = false
        while stop < end, bytes[stop] != UInt8(ascii: "/") {
            isEncoded = isEncoded || bytes[stop] == UInt8(ascii: "%")
            stop += 1
        }
        if let child = literal(of: at, bytes[start..<stop], isEncoded: isEncoded),
            walk(child, bytes, stop + 1, end, &ranges, visit)
        {
            return true
        }
        for index in nodes[at].placeholders.indices {
            guard
                let range = nodes[at].placeholders[index].match(
                    bytes, start..<stop, isEncoded: isEncoded)
            else { continue }
            let count = ranges.count
            ranges.append(range)
            let child = nodes[at].placeholders[index].child
            if walk(child, bytes, stop + 1, end, &ranges, visit) { return true }
            ranges.removeSubrange(count...)
        }
        guard let child = nodes[at].rest else { return false }
        return visitRest(nodes[child].endpoints, start..<end, &ranges, visit)
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

    private func literal(of at: Int, _ segment: ArraySlice<UInt8>, isEncoded: Bool) -> Int? {
        if nodes[at].literals.isEmpty { return nil }
        if isEncoded {
            let decoded = PercentEncoding.decode(segment)
            return nodes[at].literals.first { $0.bytes == decoded }?.child
        }
        let segment = segment.span
        search: for index in nodes[at].literals.indices {
            let bytes = nodes[at].literals[index].bytes
            guard bytes.count == segment.count else { continue }
            let literal = bytes.span
            for offset in segment.indices where literal[offset] != segment[offset] {
                continue search
            }
            return nodes[at].literals[index].child
        }
        return nil
    }
}

extension RouteTree {
    /// What stands at the end of a route, for one method; a class, so that finding one costs a reference.
    final class Endpoint: Sendable {
        let route: RouteIdentity
        /// The number of the method if it is one of the known.
        private let known: UInt8?
        /// What the watchdog knows the template by.
        let number: RouteNumber
        let names: [String]
        let answerer: Answerer
        /// Whether it is asked for the path in front of its `{...}` as well, without a slash.
        let isMounted: Bool

        init(
            _ route: RouteIdentity, names: [String], handler: any Handler, isMounted: Bool
        ) {
            self.isMounted = isMounted
            number = RouteNumber(of: route.template)
            self.route = route
            known = KnownMethod.allCases.first { $0.method == route.method }?.rawValue
            self.names = names
            answerer = Answerer(handler, of: route)
        }

        /// Whether it is there for the method; compared by its number, which is one instruction.
        func answers(_ known: KnownMethod) -> Bool { known.rawValue == self.known }
    }

    /// A placeholder for a segment, or for the part of it between a literal prefix and a literal suffix.
    private struct Placeholder: Sendable {
        let prefix: [UInt8]
        let suffix: [UInt8]
        let child: Int

        private var literalCount: Int { prefix.count + suffix.count }

        func hasShape(of other: Placeholder) -> Bool {
            prefix == other.prefix && suffix == other.suffix
        }

        func isMoreSpecific(than other: Placeholder) -> Bool {
            (literalCount, prefix.count) > (other.literalCount, other.prefix.count)
        }

        /// What it stands for in a segment; nil if it does not match, which it does with at least one byte.
        func match(_ bytes: [UInt8], _ segment: Range<Int>, isEncoded: Bool) -> Range<Int>? {
            if literalCount == 0 { return segment.isEmpty ? nil : segment }
            if isEncoded { return matchEncoded(bytes, segment) }
            guard segment.count > literalCount else { return nil }
            let range = segment.lowerBound + prefix.count..<segment.upperBound - suffix.count
            guard bytes[segment.lowerBound..<range.lowerBound].elementsEqual(prefix),
                bytes[range.upperBound..<segment.upperBound].elementsEqual(suffix)
            else { return nil }
            return range
        }

        /// The same where the segment's literal parts may be percent-encoded.
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

/// A route as people speak of it: `GET /users/{id}`, and the place in the source where it was added.
struct RouteIdentity: Equatable, Sendable, CustomStringConvertible {
    let method: HTTPRequest.Method
    let template: String
    /// As in `App/Routes.swift:12`.
    let place: String

    var description: String { "\(method.rawValue) \(template) (\(place))" }
}

/// Two routes of the same method that match the same paths.
struct RouteConflict: Error, Equatable, CustomStringConvertible {
    let added: RouteIdentity
    let existing: RouteIdentity

    var description: String {
        "the route \(added) conflicts with \(existing): both have the same method and match the same paths"
    }
}
