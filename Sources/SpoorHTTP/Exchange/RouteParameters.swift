import SpoorText

/// The values of a route's parameters for one request.
///
/// In a router that is the handler of another router's route, the parameters of that route are available as well; if
/// both have the same name, the inner route's value is returned. Like the exchange, it belongs to the exchange's task
/// and must not be kept; its values may.
public struct RouteParameters {
    private let exchange: Exchange

    init(exchange: Exchange) {
        self.exchange = exchange
    }

    /// The names of the route's parameters, in order, followed by those of the routes that led to its router; empty
    /// before routing and if no route matched.
    public var names: [String] {
        guard !exchange.state.value.parameterRanges.isEmpty else { return [] }
        var names = routeNames
        for outer in exchange.state.value.outerRoutes {
            names += outer.template.names.filter { !names.contains($0) }
        }
        return names
    }

    /// The value of the parameter `{name}` in the path, percent-decoded once (RFC 3986 §2.4).
    ///
    /// Invalid UTF-8 is repaired; ``bytes(_:)`` returns the unchanged bytes.
    ///
    /// A name that the route does not have is a programming error: the value is nil, any response of the handler is
    /// rejected with an ``UnknownParameterError``, and the request is answered with 500 and a log entry. Code that
    /// several routes share should use ``subscript(ifPresent:)``.
    public subscript(name: String) -> String? {
        expectedPlace(of: name).map { PercentEncoding.decodedText(bytes(at: $0)) }
    }

    /// The value of a parameter that only some routes have; nil if the route of this request does not have it.
    public subscript(ifPresent name: String) -> String? {
        place(of: name).map { PercentEncoding.decodedText(bytes(at: $0)) }
    }

    /// Returns the bytes of the value of the parameter `{name}`, percent-decoded once; an unknown name is handled
    /// as by ``subscript(_:)``.
    public func bytes(_ name: String) -> [UInt8]? {
        expectedPlace(of: name).map { PercentEncoding.decode(bytes(at: $0)) }
    }

    private var routeNames: [String] { exchange.state.value.route?.names ?? [] }

    /// The position of a value in the head of a version of the request.
    private struct Place {
        let range: Range<Int>
        let requestVersion: Int
    }

    private func bytes(at place: Place) -> ArraySlice<UInt8> {
        exchange.requestBytes(version: place.requestVersion)[place.range]
    }

    private func place(of name: String) -> Place? {
        guard let route = exchange.state.value.route,
            !exchange.state.value.parameterRanges.isEmpty
        else { return nil }
        if let index = route.names.firstIndex(of: name), let range = range(at: index) {
            return Place(range: range, requestVersion: exchange.routedVersion)
        }
        var start = route.names.count
        for outer in exchange.state.value.outerRoutes {
            if let index = outer.template.names.firstIndex(of: name) {
                return range(at: start + index).map {
                    Place(range: $0, requestVersion: outer.requestVersion)
                }
            }
            start += outer.template.names.count
        }
        return nil
    }

    private func range(at index: Int) -> Range<Int>? {
        let ranges = exchange.state.value.parameterRanges
        return index < ranges.count && ranges[index] != Self.noRange ? ranges[index] : nil
    }

    /// The position of a parameter without a value, where a request has its method.
    package static let noRange = 0..<0

    /// Returns the position of a parameter; records a programming error if the route does not have it.
    private func expectedPlace(of name: String) -> Place? {
        if let place = place(of: name) { return place }
        // The route of a request that was answered with 405 has the name, but no value.
        if routeNames.contains(name) { return nil }
        exchange.recordProgrammingError(unknown(name))
        return nil
    }

    /// Returns the error for a name that the route does not have.
    func unknown(_ name: String) -> UnknownParameterError {
        UnknownParameterError(name: name, route: exchange.route, names: names)
    }
}

/// The error for a parameter that the route does not have: a programming error, answered with 500.
public struct UnknownParameterError: Error, Hashable, CustomStringConvertible {
    /// The requested name.
    public let name: String
    /// The template of the route; nil if none matched.
    public let route: String?
    /// The names of the route's parameters.
    public let names: [String]

    /// A message with the requested name, the available names, and how to correct the handler.
    public var description: String {
        let there =
            names.isEmpty
            ? "it has none" : "it has " + names.map { "{\($0)}" }.joined(separator: ", ")
        let fault =
            route.map { "the route \($0) has no parameter {\(name)}: \(there)" }
            ?? "no route was matched that could have a parameter {\(name)}"
        return fault + "; use parameters[ifPresent:] for a name that only some routes have"
    }
}

extension Exchange {
    /// The values of the route's parameters for this request.
    public var parameters: RouteParameters { RouteParameters(exchange: self) }

    /// The version of the request in which the route was matched.
    package var routedVersion: Int { state.value.changes?.routedVersion ?? 0 }
}
