import HTTPTypes
public import SpoorText

/// The common headers of requests as values.
///
/// A header that is missing, or that is invalid and must then be ignored according to its specification, is nil. To
/// reject an invalid one with a problem that names it, use ``Headers/get(_:as:)``. Only ``Headers/authorization``
/// throws.
extension Headers {
    /// The media type of the body: `Content-Type`; nil also if it is malformed or repeated, which is a reason for 415
    /// (RFC 9110 §8.3, §15.5.16).
    public var contentType: MediaType? { single(.contentType).flatMap { MediaType($0) } }

    /// The media types that the client accepts: `Accept`; without the header, every type (RFC 9110 §12.5.1).
    public var accept: AcceptedMediaTypes { AcceptedMediaTypes(self[.accept]) }

    /// The content codings that the client accepts: `Accept-Encoding`; without the header, every coding (RFC 9110
    /// §12.5.3).
    public var acceptEncoding: AcceptedEncodings { AcceptedEncodings(self[.acceptEncoding]) }

    /// The languages that the user prefers: `Accept-Language`; without the header, every language (RFC 9110 §12.5.4).
    public var acceptLanguage: AcceptedLanguages { AcceptedLanguages(self[.acceptLanguage]) }

    /// The requested ranges: `Range`; nil also if it is malformed, because an invalid one is ignored (RFC 9110 §14.2).
    public var range: ByteRanges? { single(.range).flatMap { ByteRanges($0) } }

    /// The entity tags of `If-Match`, one of which must be that of the current representation; a malformed header
    /// matches none (RFC 9110 §13.1.1).
    public var ifMatch: EntityTagList? { self[bytes: .ifMatch].map { EntityTagList($0) } }

    /// The entity tags of `If-None-Match`, none of which may be that of the current representation; a malformed header
    /// matches none (RFC 9110 §13.1.2).
    public var ifNoneMatch: EntityTagList? { self[bytes: .ifNoneMatch].map { EntityTagList($0) } }

    /// The date of the client's copy: `If-Modified-Since`; nil also if it is not a date, because an invalid one is
    /// ignored (RFC 9110 §13.1.3).
    public var ifModifiedSince: HTTPDate? { single(.ifModifiedSince).flatMap { HTTPDate($0) } }

    /// The date after which the resource must not have changed: `If-Unmodified-Since`; nil also if it is not a date,
    /// because an invalid one is ignored (RFC 9110 §13.1.4).
    public var ifUnmodifiedSince: HTTPDate? { single(.ifUnmodifiedSince).flatMap { HTTPDate($0) } }

    /// The condition for `Range`: `If-Range`; a malformed one is never met (RFC 9110 §13.1.5).
    public var ifRange: RangeCondition? { self[.ifRange].map { RangeCondition($0) } }

    /// The credentials: `Authorization`; nil also if it has no scheme (RFC 9110 §11.6.2).
    ///
    /// - Throws: A ``Problem`` of status 400 if the header is repeated, because a proxy or another service may use the
    ///   other credentials.
    public var authorization: AuthorizationHeader? {
        get throws {
            let values = values(of: .authorization)
            guard values.count <= 1 else {
                throw Problem.Violation.repeated(
                    .header("Authorization"), count: values.count
                ).badRequest
            }
            return values.first.flatMap { AuthorizationHeader($0) }
        }
    }

    /// What proxies report in `Forwarded`, the last element being that of the nearest proxy; empty if there is none
    /// (RFC 7239 §4).
    ///
    /// Do not rely on an element unless the peer is a proxy that adds it: see ``ForwardedElement``.
    public var forwarded: [ForwardedElement] {
        values(of: "Forwarded").flatMap { ForwardedElement.elements(ofForwarded: $0) }
    }

    /// What proxies report in `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`, the last element being
    /// that of the nearest proxy; empty without `X-Forwarded-For`.
    ///
    /// Do not rely on an element unless the peer is a proxy that adds it: see ``ForwardedElement``.
    public var xForwarded: [ForwardedElement] {
        guard let clients = self["X-Forwarded-For"] else { return [] }
        return ForwardedElement.elements(
            ofXForwardedFor: clients, host: self["X-Forwarded-Host"],
            proto: self["X-Forwarded-Proto"])
    }

    /// The id of the last event that a client of an event stream has received: `Last-Event-ID`; nil if there is none
    /// (WHATWG HTML §9.2.4).
    ///
    /// The client can send any text; one that is empty or longer than 1024 bytes is nil, and so is a repeated one.
    public var lastEventID: String? {
        guard let id = single(HeaderName("Last-Event-ID").name), (1...1024).contains(id.utf8.count)
        else { return nil }
        return id
    }

    /// The value of a header that occurs once; nil if it is missing or repeated: joined values could be valid.
    private func single(_ name: HTTPField.Name) -> String? {
        guard let first = firstIndex(of: name), firstIndex(of: name, after: first) == nil else {
            return nil
        }
        return text(entries[first].value)
    }
}

/// The value of an `If-Range` header: the condition under which `Range` applies (RFC 9110 §13.1.5).
public enum RangeCondition: Hashable, Sendable {
    /// The representation has this entity tag.
    case entityTag(EntityTag)
    /// The representation was last modified at this date.
    case date(HTTPDate)
    /// Neither an entity tag nor a date: the condition is never met.
    case malformed

    /// Parses a header value.
    public init(_ value: String) {
        if let tag = EntityTag(value) {
            self = .entityTag(tag)
        } else if let date = HTTPDate(value) {
            self = .date(date)
        } else {
            self = .malformed
        }
    }

    /// Returns whether the condition is met, by strong comparison; otherwise `Range` is ignored.
    ///
    /// - Parameters:
    ///   - validators: Those of the current representation.
    ///   - now: The current time. A date is a strong validator only after its second is over, because the
    ///     representation may change again within it (RFC 9110 §8.8.2.2).
    public func isCurrent(_ validators: Validators, now: HTTPDate) -> Bool {
        switch self {
        case .entityTag(let tag): validators.entityTag.map(tag.stronglyMatches) ?? false
        case .date(let date): date == validators.lastModified && date < now
        case .malformed: false
        }
    }
}
