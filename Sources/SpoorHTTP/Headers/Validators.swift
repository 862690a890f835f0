package import HTTPTypes
public import SpoorText

/// The validators of a representation: its entity tag and its last modification date (RFC 9110
/// §8.8).
///
/// ```swift
/// let validators = Validators(entityTag: EntityTag(opaque: "v\(order.version)"))
/// switch exchange.request.precondition(for: validators) {
/// case .holds: break
/// case .notModified: return Response(status: .notModified, headers: validators.headers)
/// case .failed: throw HTTPError(.preconditionFailed)
/// }
/// ```
public struct Validators: Hashable, Sendable {
    /// The entity tag; nil if there is none.
    public var entityTag: EntityTag?
    /// The last modification date; nil if it is not known.
    public var lastModified: HTTPDate?

    /// Creates the validators of a representation.
    public init(entityTag: EntityTag? = nil, lastModified: HTTPDate? = nil) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// The headers `ETag` and `Last-Modified`, for every response with the representation and for 304.
    public var headers: Headers {
        var headers = Headers()
        if let entityTag { headers[.eTag] = entityTag.description }
        if let lastModified { headers[.lastModified] = lastModified.description }
        return headers
    }
}

/// The result of the preconditions of a request (RFC 9110 §13.2.2).
public enum PreconditionResult: Hashable, Sendable {
    /// The preconditions are true, or there are none: the request is processed.
    case holds
    /// The client has the current representation: 304 without a body.
    case notModified
    /// A precondition is false: 412, and the request is not processed.
    case failed
}

extension Request {
    /// Evaluates `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since` in the order of RFC 9110
    /// §13.2.2.
    ///
    /// Call it before the request changes anything, and only if the response would have a status of 2xx without it
    /// (§13.2.1).
    ///
    /// - Parameter validators: Those of the current representation; nil if the resource has none, as before a `PUT`
    ///   that creates it.
    public func precondition(for validators: Validators?) -> PreconditionResult {
        headers.precondition(for: validators, method: method)
    }
}

extension Headers {
    /// Evaluates the preconditions of a request with these headers.
    package func precondition(
        for validators: Validators?, method: HTTPRequest.Method
    ) -> PreconditionResult {
        // RFC 9110 §13.2.1: methods that select no representation have no preconditions.
        guard method != .options, method != .trace, method != .connect else { return .holds }
        let isRead = method == .get || method == .head
        if let tags = ifMatch {
            guard let validators, tags.stronglyMatches(validators.entityTag) else {
                return .failed
            }
        } else if let date = ifUnmodifiedSince, let modified = validators?.lastModified,
            modified > date
        {
            return .failed
        }
        if let tags = ifNoneMatch {
            if let validators, tags.weaklyMatches(validators.entityTag) {
                return isRead ? .notModified : .failed
            }
        } else if isRead, let date = ifModifiedSince, let modified = validators?.lastModified,
            modified <= date
        {
            return .notModified
        }
        return .holds
    }
}
