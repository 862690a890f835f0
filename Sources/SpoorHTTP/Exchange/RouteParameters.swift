import SpoorText

/// What a route's placeholders stand for in one request.
///
/// Within a router that is the handler of another router's route, the placeholders of that route are there as well; where both
/// have a name, the inner route's value is meant. Like the exchange, it belongs to the exchange's task and is not to be kept; the values are.
public struct RouteParameters {
    private let exchange: Exchange

    init(exchange: Exchange) {
        self.exchange = exchange
    }

    /// The names of the route's placeholders, in order, and after them those of the routes that led to its router; empty before a
    /// route is chosen and when none matched.
    public var names: [String] {
        guard !exchange.state.value.parameterRanges.isEmpty else { return [] }
        var names = routeNames
        for outer in exchange.state.value.outerRoutes {
            names += outer.names.filter { !names.contains($0) }
        }
        return names
    }

    /// What stands in the path in place of `{name}`, percent-decoded once (RFC 3986 §2.4).
    ///
    /// What is not UTF-8 is repaired; ``bytes(_:)`` has the bytes as they are.
    ///
    /// A name that the route does not have is a mistake in the program: the value is nil, whatever the handler sends then
    /// is refused with an ``UnknownParameterError``, and the request is answered with 500 and an entry in the log. Code
    /// that several routes share asks by ``subscript(ifPresent:)``.
    public subscript(name: String) -> String? {
        expectedPlace(of: name).map {
            PercentEncoding.decodedText(exchange.request.headers.bytes[$0])
        }
    }

    /// The same for a placeholder that only some routes have; nil if the route of this request does not.
    public subscript(ifPresent name: String) -> String? {
        place(of: name).map { PercentEncoding.decodedText(exchange.request.headers.bytes[$0]) }
    }

    /// The bytes of what stands in place of `{name}`, percent-decoded once; for a name that the route does not have, as
    /// ``subscript(_:)``.
    public func bytes(_ name: String) -> [UInt8]? {
        expectedPlace(of: name).map { PercentEncoding.decode(exchange.request.headers.bytes[$0]) }
    }

    private var routeNames: [String] { exchange.state.value.route?.names ?? [] }

    private func place(of name: String) -> Range<Int>? {
        guard let route = exchange.state.value.route,
            !exchange.state.value.parameterRanges.isEmpty
        else { return nil }
        if let index = route.names.firstIndex(of: name) { return place(at: index) }
        var start = route.names.count
        for outer in exchange.state.value.outerRoutes {
            if let index = outer.names.firstIndex(of: name) { return place(at: start + index) }
            start += outer.names.count
        }
        return nil
    }

    private func place(at index: Int) -> Range<Int>? {
        let places = exchange.state.value.parameterRanges
        return index < places.count ? places[index] : nil
    }

    /// The place of what must be there.
    private func expectedPlace(of name: String) -> Range<Int>? {
        if let place = place(of: name) { return place }
        // The route of a request that was answered with 405 has the name, but no value.
        if routeNames.contains(name) { return nil }
        exchange.noteMistake(
            UnknownParameterError(name: name, route: exchange.route, names: names))
        return nil
    }
}

/// A parameter was asked for by a name that the route does not have; a mistake in the program, answered with 500.
public struct UnknownParameterError: Error, Hashable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String
    /// The template of the route; nil if none was chosen.
    public let route: String?
    /// The names that the route has.
    public let names: [String]

    /// What was asked for, what there is, and what to do.
    public var description: String {
        let there =
            names.isEmpty
            ? "it has none" : "it has " + names.map { "{\($0)}" }.joined(separator: ", ")
        let fault =
            route.map { "the route \($0) has no parameter {\(name)}: \(there)" }
            ?? "no route is chosen that could have a parameter {\(name)}"
        return fault + "; use parameters[ifPresent:] for a name that only some routes have"
    }
}

extension Exchange {
    /// What the route's placeholders stand for in this request.
    public var parameters: RouteParameters { RouteParameters(exchange: self) }
}
