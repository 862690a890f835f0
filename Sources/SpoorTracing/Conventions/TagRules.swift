import JaegerTracing
import HTTPTypes
import SpoorHTTP

/// How requests are represented in names and tags, according to the options that servers and clients share.
struct TagRules: Sendable {
    let recordsQuery: Bool
    let recordsBodySizes: Bool
    let secretQueryKeys: Set<String>
    /// The methods that may be recorded by name; nil for the default set.
    private let knownMethods: Set<String>?

    init<Request, Exchange>(_ options: HTTPSpanOptions<Request, Exchange>) {
        recordsQuery = options.recordsQuery
        recordsBodySizes = options.recordsBodySizes
        secretQueryKeys = options.secretQueryKeys
        let isUsual = options.knownMethods == SemanticConventions.knownMethods
        knownMethods = isUsual ? nil : options.knownMethods
    }

    /// Returns the method of a received request; nil if it may not be recorded by name.
    func method(of exchange: Exchange) -> String? {
        if knownMethods == nil, let known = exchange.request.knownMethod { return known.name }
        return method(exchange.request.method.rawValue)
    }

    /// Returns the method with this name; nil if it may not be recorded by name.
    func method(_ name: String) -> String? {
        (knownMethods ?? SemanticConventions.knownMethods).contains(name) ? name : nil
    }

    /// Returns the name of a span: method and route, never the path, which has unbounded cardinality.
    static func spanName(_ method: String?, route: String?) -> String {
        let method = method ?? "HTTP"
        return route.map { method + " " + $0 } ?? method
    }

    /// Returns the query as it may be recorded; nil if it may not.
    func shown(query: String?) -> String? {
        guard recordsQuery, let query else { return nil }
        return query[...].withoutValues(of: secretQueryKeys)
    }
}

extension KnownMethod {
    /// The method name as on the wire, from a constant.
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
