import HTTPTypes
import SpoorHTTP

/// The end of a route in a tree: the handler of its requests, and the name of the route in messages and spans.
///
/// A class, so that a search returns a reference.
final class RouteEndpoint: Sendable {
    let route: RouteIdentity
    /// The route as the exchange stores it.
    let template: RouteTemplate
    /// The group that the route was added in, if any.
    let group: RouteGroup?
    /// The handler, with the middlewares of its group.
    let responder: Responder

    init(_ route: RouteIdentity, names: [String], group: RouteGroup?, handler: any Handler) {
        template = RouteTemplate(route.template, names: names)
        self.route = route
        self.group = group
        responder = Responder(RouteGroup.wrap(handler, in: group, of: route), of: route)
    }
}
