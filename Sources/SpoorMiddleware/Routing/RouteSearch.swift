import HTTPTypes
import SpoorHTTP
import SpoorText

/// One search of the routes that match a path: what is searched for, and what was found.
///
/// It continues through several trees, those of the host first. It allocates nothing unless it collects endpoints.
struct RouteSearch {
    /// The bytes that contain the path.
    let bytes: [UInt8]
    /// The path, from its first slash; if trailing slashes are ignored, without that.
    let path: Range<Int>
    /// The end of the value of a parameter for the rest of the path: with the trailing slash.
    let restEnd: Int
    /// Whether the path is matched as if a slash followed it.
    let hasAddedSlash: Bool
    /// The method of the endpoints.
    let method: Method

    /// The endpoint that was found.
    var found: RouteEndpoint?
    /// Whether ``found`` is a fallback.
    var hasFoundFallback = false
    /// Whether a route for any method matches the path.
    var isPathKnown = false
    /// The endpoints of all routes that match the path, if they are collected.
    var collected: [RouteEndpoint] = []
    /// The positions of the parameters' values, in order.
    var ranges: [Range<Int>] = []

    /// The endpoints that a search accepts.
    enum Method {
        /// Those of a common method, and those of every method.
        case known(KnownMethod)
        /// Those of a common method only, and no fallback.
        case exactly(KnownMethod)
        /// Those of another method, and those of every method.
        case custom(HTTPRequest.Method)
        /// None: the search visits, and collects, all.
        case none
    }

    /// A change of the path's end for a search.
    enum Ending {
        case asReceived
        /// With a slash if the path has none at its end, else without it.
        case toggled
    }

    /// Creates a search for a path; nil if the text is not a path, or the slash at its end cannot be toggled.
    ///
    /// A path that ends in two slashes has no other form: the segment between them is not a trailing slash.
    init?(
        _ bytes: [UInt8], path: Range<Int>, for method: Method, ending: Ending = .asReceived,
        ignoresTrailingSlash: Bool = false
    ) {
        guard !path.isEmpty, bytes[path.lowerBound] == .slash else { return nil }
        let isSlashed = path.count > 1 && bytes[path.upperBound - 1] == .slash
        let isDoubled = isSlashed && bytes[path.upperBound - 2] == .slash
        if ending == .toggled, path.count == 1 || isDoubled { return nil }
        let isToggled = ending == .toggled
        let isShortened = isSlashed && !isDoubled && (isToggled || ignoresTrailingSlash)
        self.bytes = bytes
        self.path = isShortened ? path.dropLast(1) : path
        restEnd = isToggled ? self.path.upperBound : path.upperBound
        hasAddedSlash = isToggled && !isSlashed
        self.method = method
    }
}

extension RouteTree {
    /// Continues a search in this tree; returns whether an endpoint was found.
    func search(_ search: inout RouteSearch) -> Bool {
        self.search(0, search.path.lowerBound + 1, &search)
    }

    /// Searches below a node for the segments from `start`; `start` after the end means that none is left.
    private func search(_ node: Int, _ start: Int, _ search: inout RouteSearch) -> Bool {
        let end = search.path.upperBound
        guard start <= end else { return searchEnd(of: node, &search) }
        var stop = start
        var isEncoded = false
        while stop < end, search.bytes[stop] != .slash {
            if search.bytes[stop] == .percent { isEncoded = true }
            stop += 1
        }
        let literal =
            isEncoded
            ? encodedLiteral(of: node, search.bytes[start..<stop])
            : self.literal(of: node, search.bytes.span.extracting(start..<stop))
        if let literal, self.search(literal, stop + 1, &search) { return true }
        for parameter in nodes[node].affixed {
            guard let value = parameter.match(search.bytes, start..<stop, isEncoded: isEncoded)
            else { continue }
            search.ranges.append(value)
            if self.search(parameter.child, stop + 1, &search) { return true }
            search.ranges.removeLast()
        }
        if let child = nodes[node].parameter, stop > start {
            search.ranges.append(start..<stop)
            if self.search(child, stop + 1, &search) { return true }
            search.ranges.removeLast()
        }
        if let child = nodes[node].rest,
            visit(child, rest: start..<search.restEnd, &search)
        {
            return true
        }
        return visitFallback(of: node, &search)
    }

    /// Searches at a node after the last segment.
    private func searchEnd(of node: Int, _ search: inout RouteSearch) -> Bool {
        let end = search.path.upperBound
        if search.hasAddedSlash {
            if let literal = literal(of: node, search.bytes.span.extracting(0..<0)),
                visit(literal, rest: nil, &search)
            {
                return true
            }
            guard let rest = nodes[node].rest else { return false }
            return visit(rest, rest: end..<end, &search)
        }
        if visit(node, rest: nil, &search) { return true }
        if let rest = nodes[node].rest {
            let place = search.restEnd..<search.restEnd
            if visit(rest, rest: place, onlyMounted: !ignoresTrailingSlash, &search) {
                return true
            }
        }
        return visitFallback(of: node, &search)
    }

    /// Visits the endpoints of a node; returns whether one of them is accepted.
    ///
    /// - Parameter rest: The position of the rest of the path, if the node is that of a parameter for it.
    private func visit(
        _ node: Int, rest: Range<Int>?, onlyMounted: Bool = false, _ search: inout RouteSearch
    ) -> Bool {
        let links = links.span
        var next = nodes.span[node].endpoint
        var general: Int?
        while let index = next {
            next = links[index].next
            if onlyMounted, !links[index].isMounted { continue }
            search.isPathKnown = true
            switch search.method {
            case .none: search.collected.append(links[index].endpoint)
            case .exactly(let method):
                if links[index].methodNumber == method.rawValue { general = index }
            case .known(let method):
                guard links[index].methodNumber != method.rawValue else {
                    return accept(index, rest, &search)
                }
                if links[index].isForAnyMethod { general = index }
            case .custom(let method):
                guard links[index].endpoint.route.method != .one(method) else {
                    return accept(index, rest, &search)
                }
                if links[index].isForAnyMethod { general = index }
            }
        }
        guard let general else { return false }
        return accept(general, rest, &search)
    }

    private func accept(
        _ link: Int, _ rest: Range<Int>?, _ search: inout RouteSearch
    ) -> Bool {
        search.found = links[link].endpoint
        if let rest { search.ranges.append(rest) }
        return true
    }

    /// Accepts the fallback of a node if no route that is more specific matches the path, for any method.
    private func visitFallback(of node: Int, _ search: inout RouteSearch) -> Bool {
        guard !search.isPathKnown, !search.hasAddedSlash, let fallback = nodes[node].fallback
        else { return false }
        switch search.method {
        case .none, .exactly: return false
        case .known, .custom: break
        }
        search.hasFoundFallback = true
        return accept(fallback, nil, &search)
    }
}

// MARK: - The common case

extension RouteTree {
    /// Returns the endpoint that is reached by taking the most specific child for each segment; records the positions
    /// of the parameters' values.
    ///
    /// It is the endpoint that a search finds first, found without recursion and without copies of references: the
    /// common case. Returns nil, without recorded positions, if there is no endpoint for the method, if a segment
    /// is percent-encoded or may match a parameter with a literal prefix or suffix, which needs a search, or if an
    /// escape is malformed.
    @inline(__always)
    func mostSpecificEndpoint(for exchange: Exchange) -> RouteEndpoint? {
        guard let method = exchange.request.knownMethod,
            let node = mostSpecificNode(for: exchange)
        else { return nil }
        let links = links.span
        var next = nodes.span[node].endpoint
        while let index = next {
            if links[index].methodNumber == method.rawValue { return links[index].endpoint }
            next = links[index].next
        }
        discardPositions(of: exchange)
        return nil
    }

    @inline(__always)
    private func mostSpecificNode(for exchange: Exchange) -> Int? {
        let range = exchange.request.pathRange
        let head = exchange.request.head.bytes
        let path = head.span.extracting(range)
        guard !path.isEmpty, path[0] == .slash else { return nil }
        var count = path.count
        if ignoresTrailingSlash, count > 1, path[count - 1] == .slash, path[count - 2] != .slash {
            count -= 1
        }
        let nodes = nodes.span
        var node = 0
        var start = 1
        while start <= count {
            var stop = start
            var isEncoded = false
            while stop < count, path[stop] != .slash {
                if path[stop] == .percent { isEncoded = true }
                stop += 1
            }
            if !isEncoded, let child = literal(of: node, path.extracting(start..<stop)) {
                node = child
                start = stop + 1
                continue
            }
            // A search must decode the literals, or try the parameters with literal text.
            if !nodes[node].affixed.isEmpty || isEncoded && nodes[node].literal != nil
                || isEncoded && !PercentEncoding.isWellFormed(path.extracting(start..<stop))
            {
                discardPositions(of: exchange)
                return nil
            }
            if let child = nodes[node].parameter, stop > start {
                node = child
                record(range.lowerBound + start..<range.lowerBound + stop, on: exchange)
            } else if nodes[node].parameter == nil, let child = nodes[node].rest,
                PercentEncoding.isWellFormed(path.extracting(start..<path.count))
            {
                record(range.lowerBound + start..<range.upperBound, on: exchange)
                return child
            } else {
                discardPositions(of: exchange)
                return nil
            }
            start = stop + 1
        }
        return node
    }

    @inline(__always)
    private func record(_ place: Range<Int>, on exchange: Exchange) {
        exchange.state.value.parameterRanges.append(place)
    }

    @inline(never)
    private func discardPositions(of exchange: Exchange) {
        exchange.state.value.parameterRanges.removeAll(keepingCapacity: true)
    }
}
