public import HTTPTypes

/// A route as messages name it: `GET /users/{id}`, and the source location where it was added.
///
/// Two routes of a router may not match the same requests; a ``RouteConflict`` names both by their identities.
struct RouteIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The method; for a fallback any.
    let method: RouteMethod
    /// The host; nil for all hosts.
    let host: HostPattern?
    /// The template; for a fallback the prefix whose unknown paths it handles.
    let template: String
    /// The source location, such as `App/Routes.swift:12`.
    let place: String
    let kind: Kind

    /// The kind of an entry of a router.
    enum Kind: Sendable {
        case route
        /// A handler for all paths below a prefix, and the prefix itself.
        case mount
        /// The handler for paths that no route matches.
        case fallback
    }

    init(
        _ method: RouteMethod, host: HostPattern? = nil, template: String, place: String,
        kind: Kind = .route
    ) {
        self.method = method
        self.host = host
        self.template = template
        self.place = place
        self.kind = kind
    }

    init(method: HTTPRequest.Method, template: String, place: String) {
        self.init(.one(method), template: template, place: place)
    }

    /// The method, the host and the template.
    var title: String {
        let path = (host?.description ?? "") + template
        return kind == .fallback ? "the fallback of \(path)" : "\(method) \(path)"
    }

    var description: String { "\(title) (\(place))" }
}

/// The methods of a route: one of them, or every one.
@usableFromInline
enum RouteMethod: Hashable, Sendable, CustomStringConvertible {
    case one(HTTPRequest.Method)
    case any

    /// The method; nil for every method.
    var method: HTTPRequest.Method? {
        switch self {
        case .one(let method): method
        case .any: nil
        }
    }

    @usableFromInline var description: String { method?.rawValue ?? "any" }
}

/// Two routes of the same method that match the same requests.
struct RouteConflict: Error, Equatable, CustomStringConvertible {
    let added: RouteIdentity
    let existing: RouteIdentity

    var description: String {
        switch added.kind {
        case .fallback:
            "\(added) conflicts with \(existing): a prefix of a router has one fallback"
        case .route, .mount:
            "the route \(added) conflicts with \(existing): both have the same method and match the same paths"
        }
    }
}
