/// The location in a message of the bytes that a fault concerns.
enum FaultLocation {
    /// A part of the first line.
    enum Part {
        case beginning, target, version
    }

    /// The bytes that are not consumed.
    case unread
    /// The first line.
    case startLine(Part)
    /// The first malformed line of a head.
    case headerLine(HeaderFault)
    /// The first malformed line of a trailer section.
    case trailerLine(HeaderFault)
    /// The lines with these names.
    case headers([KnownHeader])
}

/// The meaning of a protocol fault: what was expected instead of the received bytes, or what else is wrong.
///
/// It is the only table of the texts of all faults, of requests and of responses.
enum FaultMeaning {
    /// The bytes at this location are not what was expected.
    case unexpected(at: FaultLocation, expected: String)
    /// No bytes show it: a limit was exceeded, or something is missing.
    case explained(String)

    /// Creates the meaning of a response's fault.
    init(_ fault: ResponseFault, _ limits: HTTP1Limits) {
        switch fault {
        case .lineMalformed, .versionMalformed:
            self = .unexpected(
                at: .startLine(.beginning),
                expected: "a status line such as HTTP/1.1 200 OK (RFC 9112 §4)")
        case .versionUnsupported:
            self = .unexpected(at: .startLine(.beginning), expected: "HTTP/1.1 or HTTP/1.0")
        case .statusInvalid:
            self = .unexpected(
                at: .startLine(.beginning),
                expected: "a status of three digits, 100 or above (RFC 9110 §15)")
        case .lineTooLong: self = .lineTooLong("status line", limits)
        case .tooManyInterims:
            self = .explained(
                "more than \(limits.maxInterimResponses) interim responses (HTTP1Limits.maxInterimResponses)"
            )
        case .switchUnexpected:
            self = .explained(
                "the server changes to another protocol (101 Switching Protocols), although the request has no Upgrade header (RFC 9110 §7.8)"
            )
        case .header(let fault): self.init(fault, limits)
        case .framing(let fault): self.init(fault, of: .response)
        case .body(let fault): self.init(fault, limits)
        }
    }

    /// Creates the meaning of a request's fault.
    init(_ fault: RequestFault, _ limits: HTTP1Limits) {
        switch fault {
        case .lineMalformed:
            self = .unexpected(
                at: .startLine(.beginning),
                expected: "a request line such as GET /path HTTP/1.1 (RFC 9112 §3)")
        case .methodInvalid:
            self = .unexpected(
                at: .startLine(.beginning), expected: "a method, which is a token (RFC 9110 §9.1)")
        case .methodTooLong:
            self = .unexpected(
                at: .startLine(.beginning),
                expected: "a method of \(RequestHeadParser.maxMethodBytes) bytes or fewer")
        case .targetInvalid:
            self = .unexpected(
                at: .startLine(.target),
                expected: "a target of printable ASCII without blanks and # (RFC 9112 §3.2)")
        case .targetFormInvalid:
            self = .unexpected(
                at: .startLine(.beginning),
                expected:
                    "a target that begins with /, an http URL, host:port for CONNECT, or * for OPTIONS (RFC 9112 §3.2)"
            )
        case .lineTooLong: self = .lineTooLong("request line", limits)
        case .versionMalformed, .versionUnsupported:
            self = .unexpected(
                at: .startLine(.version), expected: "HTTP/1.1 or HTTP/1.0 and CRLF (RFC 9112 §2.3)")
        case .hostMissing:
            self = .explained("a request of HTTP/1.1 must have a Host header (RFC 9112 §3.2)")
        case .hostRepeated:
            self = .unexpected(at: .headers([.host]), expected: "one Host header (RFC 9112 §3.2)")
        case .hostInvalid:
            self = .unexpected(
                at: .headers([.host]), expected: "a host with an optional port (RFC 9112 §3.2)")
        case .expectationUnknown:
            self = .unexpected(
                at: .headers([.expect]),
                expected: "no expectation but 100-continue (RFC 9110 §10.1.1)")
        case .header(let fault): self.init(fault, limits)
        case .framing(let fault): self.init(fault, of: .request)
        case .body(let fault): self.init(fault, limits)
        }
    }

    private static func lineTooLong(_ name: String, _ limits: HTTP1Limits) -> FaultMeaning {
        .explained(
            "the \(name) has more than \(limits.maxStartLineBytes) bytes (HTTP1Limits.maxStartLineBytes)"
        )
    }
}

// MARK: - Headers, framing, bodies

extension FaultMeaning {
    private init(_ fault: HeaderFault, _ limits: HTTP1Limits) {
        switch fault {
        case .tooLarge:
            self = .explained(
                "the head has more than \(limits.maxHeadBytes) bytes (HTTP1Limits.maxHeadBytes)")
        case .tooMany:
            self = .explained(
                "the head has more than \(limits.maxHeaderCount) headers (HTTP1Limits.maxHeaderCount)"
            )
        default: self = .unexpected(at: .headerLine(fault), expected: fault.expected)
        }
    }

    private init(_ fault: BodyFault, _ limits: HTTP1Limits) {
        switch fault {
        case .tooLarge:
            self = .explained("the body has more bytes than its limit (HTTP1Limits.maxBodyBytes)")
        case .chunkSizeMalformed:
            self = .unexpected(
                at: .unread,
                expected: "a chunk size of 1 to 16 hexadecimal digits (RFC 9112 §7.1)")
        case .chunkLineEndMalformed:
            self = .unexpected(
                at: .unread, expected: "CRLF at the end of a chunk's first line (RFC 9112 §7.1)")
        case .chunkDataEndMalformed:
            self = .unexpected(
                at: .unread, expected: "CRLF after the data of a chunk (RFC 9112 §7.1)")
        case .chunkExtensionMalformed:
            self = .unexpected(
                at: .unread, expected: "chunk extensions of the form ;name=value (RFC 9112 §7.1.1)")
        case .chunkExtensionsTooLarge:
            self = .explained(
                "more than \(limits.maxChunkExtensionBytes) bytes beyond the content (HTTP1Limits.maxChunkExtensionBytes)"
            )
        case .trailer(.tooLarge):
            self = .explained(
                "the trailer section has more than \(limits.maxTrailerBytes) bytes (HTTP1Limits.maxTrailerBytes)"
            )
        case .trailer(.tooMany):
            self = .explained(
                "the trailer section has more than \(limits.maxHeaderCount) headers (HTTP1Limits.maxHeaderCount)"
            )
        case .trailer(let fault):
            self = .unexpected(at: .trailerLine(fault), expected: fault.expected)
        case .incomplete:
            self = .explained("the connection ended before the body did (RFC 9112 §8)")
        }
    }

    private init(_ fault: FramingFault, of kind: MessageKind) {
        let expected: String
        var headers: [KnownHeader] = [.transferEncoding]
        switch fault {
        case .lengthMalformed:
            (headers, expected) = (
                [.contentLength], "a Content-Length of decimal digits (RFC 9110 §8.6)"
            )
        case .lengthOverflow:
            (headers, expected) = ([.contentLength], "a Content-Length of \(Int.max) or less")
        case .lengthRepeated:
            (headers, expected) = (
                [.contentLength],
                kind == .request
                    ? "one Content-Length header (RFC 9112 §6.3)"
                    : "one value of Content-Length (RFC 9112 §6.3)"
            )
        case .lengthWithTransferEncoding:
            (headers, expected) = (
                [.contentLength, .transferEncoding],
                "either Content-Length or Transfer-Encoding (RFC 9112 §6.1)"
            )
        case .transferEncodingMalformed:
            expected = "chunked, once and last (RFC 9112 §6.1)"
        case .transferEncodingUnknown:
            expected = "chunked alone: no other transfer coding is supported (RFC 9112 §6.1)"
        case .transferEncodingRepeated: expected = "one Transfer-Encoding header (RFC 9112 §6.1)"
        case .transferEncodingInHTTP10:
            expected = "no Transfer-Encoding in a message of HTTP/1.0 (RFC 9112 §6.1)"
        }
        self = .unexpected(at: .headers(headers), expected: expected)
    }
}

extension HeaderFault {
    /// The expected form of a line that has this fault; empty for limits.
    fileprivate var expected: String {
        switch self {
        case .nameMissing: "a name before the colon (RFC 9112 §5)"
        case .nameInvalid: "a name, which is a token (RFC 9110 §5.1)"
        case .blankBeforeColon: "a name without blanks, and the colon (RFC 9112 §5.1)"
        case .colonMissing: "a name, a colon and a value (RFC 9112 §5)"
        case .lineFolded: "a line that does not begin with a blank (RFC 9112 §2.2, §5.2)"
        case .valueInvalid: "a value without control characters (RFC 9110 §5.5)"
        case .bareCR: "LF after CR (RFC 9112 §2.2)"
        case .bareLF: "CR before LF (RFC 9112 §2.2)"
        case .tooMany, .tooLarge: ""
        }
    }
}
