import JaegerTracing
import HTTPTypes
import SpoorHTTP

/// How requests are told in names and tags: what the configurations of both middlewares have in common.
struct TagRules: Sendable {
    let recordsQuery: Bool
    let recordsBodySizes: Bool
    let secretQueryKeys: Set<String>
    /// The methods that may be told by name; nil for those that HTTP defines.
    private let knownMethods: Set<String>?

    init(
        recordsQuery: Bool, recordsBodySizes: Bool, secretQueryKeys: Set<String>,
        knownMethods: Set<String>
    ) {
        self.recordsQuery = recordsQuery
        self.recordsBodySizes = recordsBodySizes
        self.secretQueryKeys = secretQueryKeys
        let isUsual = knownMethods == SemanticConventions.knownMethods
        self.knownMethods = isUsual ? nil : knownMethods
    }

    /// The method of a request that came in; nil if it is none that may be told by name.
    func method(of exchange: Exchange) -> String? {
        if knownMethods == nil, let known = exchange.request.knownMethod { return known.name }
        return method(exchange.request.method.rawValue)
    }

    /// The method by this name; nil if it is none that may be told.
    func method(_ name: String) -> String? {
        (knownMethods ?? SemanticConventions.knownMethods).contains(name) ? name : nil
    }

    /// The name of a span: method and route, never the path, whose values have no bound.
    static func spanName(_ method: String?, route: String?) -> String {
        let method = method ?? "HTTP"
        return route.map { method + " " + $0 } ?? method
    }

    /// The query as it may be shown; nil if it may not.
    func shown(query: String?) -> String? {
        guard recordsQuery, let query else { return nil }
        return query[...].withoutValues(of: secretQueryKeys)
    }
}

extension KnownMethod {
    /// The method as it stands on the wire, from a constant.
    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        }
    }
}
