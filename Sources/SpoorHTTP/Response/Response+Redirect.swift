public import HTTPTypes
public import SpoorText

/// The status of a redirect (RFC 9110 §15.4).
public enum RedirectStatus: Sendable, Hashable, CaseIterable {
    /// 301: permanent; clients may change `POST` to `GET`.
    case movedPermanently
    /// 302: temporary; clients may change `POST` to `GET`.
    case found
    /// 303: the result of a `POST` is elsewhere; clients send `GET`.
    case seeOther
    /// 307: temporary; clients repeat the request with its method and body.
    case temporaryRedirect
    /// 308: permanent; clients repeat the request with its method and body.
    case permanentRedirect

    /// The status of the response.
    public var status: HTTPResponse.Status {
        switch self {
        case .movedPermanently: .movedPermanently
        case .found: .found
        case .seeOther: .seeOther
        case .temporaryRedirect: .temporaryRedirect
        case .permanentRedirect: .permanentRedirect
        }
    }
}

/// Responses without a body: redirects, and a status alone.
extension Response {
    /// Returns a response without a body.
    ///
    /// - Parameter status: The status; 204 unless given, which has neither a body nor a `Content-Length`.
    public static func empty(
        _ status: HTTPResponse.Status = .noContent, headers: Headers = Headers()
    ) -> Response {
        Response(status: status, headers: headers)
    }

    /// Returns a redirect to a path on the same host; the path cannot lead to another one.
    ///
    /// ```swift
    /// return Response.redirect(to: URLPath("orders", order.id))
    /// ```
    public static func redirect(
        to path: URLPath, query: URLQuery = [:], _ status: RedirectStatus = .seeOther
    ) -> Response {
        var location = path.description
        // RFC 3986 §3.3: a path that begins with two slashes would be an authority.
        if location.hasPrefix("//") { location = "/." + location }
        let text = query.description
        if !text.isEmpty { location += "?" + text }
        return Response(status: status.status, headers: [.location: location])
    }

    /// Returns a redirect to a URL, or to a reference relative to that of the request (RFC 3986 §4.1).
    ///
    /// Characters that cannot be part of a URL, such as spaces and letters outside of ASCII, are percent-encoded. Do
    /// not pass a target that a client has chosen: see ``redirect(toLocal:_:)``.
    ///
    /// - Throws: ``RedirectError`` for a target that browsers and other programs understand differently: with a
    ///   backslash, a control character, user information, or `//` at the start; and for an invalid one.
    public static func redirect(
        to location: String, _ status: RedirectStatus = .seeOther
    ) throws(RedirectError) -> Response {
        guard let reference = Self.reference(location) else {
            throw RedirectError(target: location)
        }
        return Response(status: status.status, headers: [.location: reference])
    }

    /// Returns a redirect to a path of the same host that a client has chosen, such as the target after a login.
    ///
    /// ```swift
    /// return try Response.redirect(toLocal: exchange.query.get("next", default: "/"))
    /// ```
    ///
    /// - Parameters:
    ///   - target: A path with an optional query and fragment, such as `/orders?page=2`.
    ///   - status: The status.
    /// - Throws: A ``Problem`` of status 400 for anything else, such as a URL or `//host`.
    public static func redirect(
        toLocal target: String, _ status: RedirectStatus = .seeOther
    ) throws -> Response {
        guard target.utf8.first == .slash, let reference = Self.reference(target) else {
            throw Problem(
                .badRequest,
                "the target of the redirect must be a path on this host, such as /orders")
        }
        return Response(status: status.status, headers: [.location: reference])
    }

    /// Returns the target as a URI reference; nil if it is not valid, or ambiguous.
    private static func reference(_ target: String) -> String? {
        guard !target.isEmpty, !target.utf8.starts(with: "//".utf8),
            target.utf8.allSatisfy({ $0 >= .space && $0 != .delete && $0 != .backslash })
        else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(target.utf8)[...]
        while let byte = rest.popFirst() {
            if isURIByte(byte) || byte == .percent && PercentEncoding.hexPair(rest) != nil {
                bytes.append(byte)
            } else {
                PercentEncoding.append(encoded: byte, to: &bytes)
            }
        }
        let reference = String(decoding: bytes, as: UTF8.self)
        return hasSoundAuthority(reference) ? reference : nil
    }

    /// RFC 3986 §2.2, §2.3.
    private static func isURIByte(_ byte: UInt8) -> Bool {
        byte.isUnreserved || ":/?#[]@!$&'()*+,;=".utf8.contains(byte)
    }

    /// Returns whether a reference has no scheme, or a scheme with an authority without user information; a scheme
    /// of an application (`app:callback`) needs no authority.
    private static func hasSoundAuthority(_ reference: String) -> Bool {
        let start = reference.utf8.prefix {
            $0 != .slash && $0 != .questionMark && $0 != .numberSign
        }
        guard let colon = start.firstIndex(of: .colon) else { return true }
        let scheme = reference[..<colon].lowercased()
        guard scheme.utf8.first?.isLetter == true,
            scheme.utf8.allSatisfy({
                $0.isUnreserved && $0 != .underscore && $0 != .tilde || $0 == .plus
            })
        else { return false }
        let rest = reference[reference.utf8.index(after: colon)...]
        let isWeb = scheme == "http" || scheme == "https"
        guard rest.utf8.starts(with: "//".utf8) else {
            return !isWeb && !["javascript", "data", "vbscript"].contains(scheme)
        }
        let authority = Authority(
            rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" && $0 != "#" })
        let hasPort = authority.afterHost.isEmpty || authority.port != nil
        return authority.userInfo == nil && authority.isClosed && hasPort
            && (!isWeb || !authority.host.isEmpty)
    }

    // MARK: Attachments

    /// Returns the response with a `Content-Disposition` that makes browsers save the body as a file (RFC 6266).
    ///
    /// ```swift
    /// return Response(text: csv, contentType: "text/csv").attachment(named: "Übersicht.csv")
    /// ```
    ///
    /// - Parameter fileName: The proposed name, made safe as by ``ContentDisposition/attachment(named:)``; nil for that
    ///   of the URL.
    public consuming func attachment(named fileName: String? = nil) -> Response {
        headers[.contentDisposition] = ContentDisposition.attachment(named: fileName).description
        return self
    }
}

/// The error of a redirect whose target is not valid, or would lead elsewhere than it appears to.
public struct RedirectError: Error, Hashable, CustomStringConvertible {
    /// The target.
    public let target: String

    /// The target, and what was expected.
    public var description: String {
        "cannot redirect to \"\(target)\": expected a URL without user information, or a path, without backslashes and control characters"
    }
}
