import HTTPTypes
import SpoorHTTP

/// The routes as a tree of path segments, and the walk through it.
///
/// Where several routes match, a literal wins over a placeholder, segment by segment from the left.
struct RouteTree: Sendable {
    /// What stands at the end of a route, for one method; a class, so that finding one costs a reference.
    final class Endpoint: Sendable {
        let method: HTTPRequest.Method
        /// The number of the method if it is one of the known.
        private let known: UInt8?
        let template: String
        /// What the watchdog knows the template by.
        let number: RouteNumber
        let names: [String]
        let answerer: Answerer
        /// Whether it is asked for the path in front of its `{...}` as well, without a slash.
        let isMounted: Bool

        init(
            _ pattern: RoutePattern, method: HTTPRequest.Method, handler: any Handler,
            isMounted: Bool
        ) {
            self.isMounted = isMounted
            self.method = method
            known = KnownMethod.allCases.first { $0.method == method }?.rawValue
            template = pattern.template
            number = RouteNumber(of: pattern.template)
            names = pattern.names
            answerer = Answerer(handler)
        }

        /// Whether it is there for the method; told by its number, whose comparison is one instruction.
        func answers(_ known: KnownMethod) -> Bool { known.rawValue == self.known }
    }

    private struct Node: Sendable {
        var literals: [(bytes: [UInt8], child: Int)] = []
        var parameter: Int?
        var rest: Int?
        var endpoints: [Endpoint] = []
    }

    private var nodes = [Node()]

    /// Adds a route; one of the same shape and method is already there: false.
    mutating func add(
        _ pattern: RoutePattern, method: HTTPRequest.Method, handler: any Handler,
        isMounted: Bool
    ) -> Bool {
        var at = 0
        for segment in pattern.segments {
            at = child(of: at, for: segment)
        }
        guard !nodes[at].endpoints.contains(where: { $0.method == method }) else { return false }
        nodes[at].endpoints.append(
            Endpoint(pattern, method: method, handler: handler, isMounted: isMounted))
        return true
    }

    /// The endpoints of the route that matches a path; empty if none does.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the head.
    ///   - path: Where the path lies in them.
    ///   - ranges: Gets the places of what the placeholders stand for, in order.
    func endpoints(_ bytes: [UInt8], path: Range<Int>, ranges: inout [Range<Int>]) -> [Endpoint] {
        guard !path.isEmpty, bytes[path.lowerBound] == UInt8(ascii: "/") else { return [] }
        return find(0, bytes, path.lowerBound + 1, path.upperBound, &ranges)
    }

    private mutating func child(of parent: Int, for segment: RoutePattern.Segment) -> Int {
        let next = nodes.count
        switch segment {
        case .literal(let bytes):
            if let known = nodes[parent].literals.first(where: { $0.bytes == bytes }) {
                return known.child
            }
            nodes[parent].literals.append((bytes, next))
        case .parameter:
            if let known = nodes[parent].parameter { return known }
            nodes[parent].parameter = next
        case .rest:
            if let known = nodes[parent].rest { return known }
            nodes[parent].rest = next
        }
        nodes.append(Node())
        return next
    }

    /// Looks below a node for the segments from `start`; `start` behind `end` means that none is left.
    private func find(
        _ at: Int, _ bytes: [UInt8], _ start: Int, _ end: Int, _ ranges: inout [Range<Int>]
    ) -> [Endpoint] {
        guard start <= end else {
            guard nodes[at].endpoints.isEmpty, let rest = nodes[at].rest else {
                return nodes[at].endpoints
            }
            let mounted = nodes[rest].endpoints.filter(\.isMounted)
            if !mounted.isEmpty { ranges.append(end..<end) }
            return mounted
        }
        var stop = start
        var isEncoded = false
        while stop < end, bytes[stop] != UInt8(ascii: "/") {
            isEncoded = isEncoded || bytes[stop] == UInt8(ascii: "%")
            stop += 1
        }
        if let child = literal(of: at, bytes[start..<stop], isEncoded: isEncoded) {
            let found = find(child, bytes, stop + 1, end, &ranges)
            if !found.isEmpty { return found }
        }
        if let child = nodes[at].parameter, stop > start {
            let count = ranges.count
            ranges.append(start..<stop)
            let found = find(child, bytes, stop + 1, end, &ranges)
            if !found.isEmpty { return found }
            ranges.removeSubrange(count...)
        }
        if let child = nodes[at].rest {
            ranges.append(start..<end)
            return nodes[child].endpoints
        }
        return []
    }

    private func literal(of at: Int, _ segment: ArraySlice<UInt8>, isEncoded: Bool) -> Int? {
        if isEncoded {
            let decoded = percentDecodedBytes(segment)
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
