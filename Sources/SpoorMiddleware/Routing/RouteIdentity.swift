import HTTPTypes

/// A route as messages name it: `GET /users/{id}`, and the place in the source where it was added.
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
