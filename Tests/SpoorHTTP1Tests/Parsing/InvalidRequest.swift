import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// A row for each rule of RFC 9110 and 9112 that a request can violate.
struct InvalidRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let fault: RequestFault
    let status: Int

    init(_ name: String, _ text: String, _ fault: RequestFault, _ status: Int = 400) {
        testDescription = name
        self.text = text
        self.fault = fault
        self.status = status
    }

    /// Returns a request with these header lines in addition to `Host`.
    static func headers(
        _ name: String, _ lines: String, _ fault: RequestFault, _ status: Int = 400
    ) -> InvalidRequest {
        InvalidRequest(
            name, "POST /echo HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", fault, status)
    }

    /// Returns a request with this request line.
    static func line(
        _ name: String, _ line: String, _ fault: RequestFault, _ status: Int = 400
    ) -> InvalidRequest {
        InvalidRequest(name, "\(line)\r\nHost: a\r\n\r\n", fault, status)
    }

    /// Returns a chunked request with this body.
    static func chunked(
        _ name: String, _ body: String, _ fault: BodyFault, _ status: Int = 400
    ) -> InvalidRequest {
        InvalidRequest(
            name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)",
            .body(fault), status)
    }

    static let all =
        requestLines + versions + targets + headers + hosts + lengths + codings + chunks

    static let requestLines: [InvalidRequest] = [
        .line("a blank before the method", " GET / HTTP/1.1", .methodInvalid),
        .line("two spaces after the method", "GET  / HTTP/1.1", .lineMalformed),
        .line("a tab after the method", "GET\t/\tHTTP/1.1", .lineMalformed),
        .line("two spaces before the version", "GET /  HTTP/1.1", .versionMalformed),
        .line("a tab before the version", "GET /\tHTTP/1.1", .targetInvalid),
        .line("a space after the version", "GET / HTTP/1.1 ", .versionMalformed),
        .line("no target", "GET HTTP/1.1", .lineMalformed),
        .line("only a method", "GET", .lineMalformed),
        .line("no method", "/ HTTP/1.1", .methodInvalid),
        .line("a delimiter in the method", "GE(T / HTTP/1.1", .methodInvalid),
        .line("NUL in the method", "GE\0T / HTTP/1.1", .lineMalformed),
        .line("what is not ASCII in the method", "GÉT / HTTP/1.1", .methodInvalid),
        .line(
            "a method that is too long", String(repeating: "M", count: 33) + " / HTTP/1.1",
            .methodTooLong, 501),
        InvalidRequest("a bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", .versionMalformed),
        InvalidRequest("a bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", .versionMalformed),
        InvalidRequest("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .versionMalformed),
        InvalidRequest("HTTP/0.9", "GET /\r\n", .lineMalformed),
        InvalidRequest("three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n", .lineMalformed),
        InvalidRequest("an empty line of CR alone", "\rGET / HTTP/1.1\r\n", .header(.bareCR)),
        InvalidRequest("an empty line of LF alone", "\nGET / HTTP/1.1\r\n", .methodInvalid),
        .line("a tab before the method", "\tGET / HTTP/1.1", .methodInvalid),
        .line("a tab after the version", "GET / HTTP/1.1\t", .versionMalformed),
        .line("VT after the method", "GET\u{B}/ HTTP/1.1", .lineMalformed),
        .line("DEL in the method", "G\u{7F}ET / HTTP/1.1", .methodInvalid),
        .line("a slash in the method", "GE/T / HTTP/1.1", .methodInvalid),
        .line("a quoted method", "\"GET\" / HTTP/1.1", .methodInvalid),
        .line("only a space after the target", "GET / ", .versionMalformed),
        .line("a byte order mark", "\u{FEFF}GET / HTTP/1.1", .methodInvalid),
        InvalidRequest("CR within an empty line", "\r\rGET / HTTP/1.1\r\n", .header(.bareCR)),
        InvalidRequest("HTTP/0.9 with LF", "GET /\n", .lineMalformed),
        InvalidRequest("LF after the target", "GET /\n HTTP/1.1\r\n\r\n", .lineMalformed),
        InvalidRequest("CR after the method", "GET\r / HTTP/1.1\r\n\r\n", .lineMalformed),
        InvalidRequest("a TLS handshake", "\u{16}\u{3}\u{1}", .methodInvalid),
    ]

    static let versions: [InvalidRequest] = [
        .line("lower-case version", "GET / http/1.1", .versionMalformed),
        .line("mixed-case version", "GET / Http/1.1", .versionMalformed),
        .line("no minor version", "GET / HTTP/1", .versionMalformed),
        .line("two-digit minor version", "GET / HTTP/1.10", .versionMalformed),
        .line("three parts", "GET / HTTP/1.1.1", .versionMalformed),
        .line("another name", "GET / HTTQ/1.1", .versionMalformed),
        .line("a letter after it", "GET / HTTP/1.1x", .versionMalformed),
        .line("a leading zero", "GET / HTTP/01.1", .versionMalformed),
        .line("a leading zero after the dot", "GET / HTTP/1.01", .versionMalformed),
        .line("a sign", "GET / HTTP/+1.1", .versionMalformed),
        .line("no dot", "GET / HTTP/11", .versionMalformed),
        .line("a comma instead of the dot", "GET / HTTP/1,1", .versionMalformed),
        .line("a space within the version", "GET / HTTP/ 1.1", .versionMalformed),
        .line("another scheme's name", "GET / HTTPS/1.1", .versionMalformed),
        .line("two versions", "GET / HTTP/1.1 HTTP/1.1", .versionMalformed),
        .line("NUL after the version", "GET / HTTP/1.1\0", .versionMalformed),
        .line("HTTP/9.9", "GET / HTTP/9.9", .versionUnsupported, 505),
        .line("HTTP/2.0", "GET / HTTP/2.0", .versionUnsupported, 505),
        .line("HTTP/3.0", "GET / HTTP/3.0", .versionUnsupported, 505),
        .line("an explicit HTTP/0.9", "GET / HTTP/0.9", .versionUnsupported, 505),
        InvalidRequest(
            "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnsupported, 505),
    ]

    static let targets: [InvalidRequest] =
        [
            .line("a space in the target", "GET /a b HTTP/1.1", .versionMalformed),
            .line("NUL in the target", "GET /\0 HTTP/1.1", .targetInvalid),
            .line("DEL in the target", "GET /\u{7F} HTTP/1.1", .targetInvalid),
            .line("what is not ASCII in the target", "GET /é HTTP/1.1", .targetInvalid),
            .line("a fragment", "GET /a#b HTTP/1.1", .targetInvalid),
            .line("a fragment after a query", "GET /a?b#c HTTP/1.1", .targetInvalid),
            .line("no slash", "GET foo HTTP/1.1", .targetFormInvalid),
            .line("the authority form with GET", "GET a:80 HTTP/1.1", .targetFormInvalid),
            .line("the asterisk with GET", "GET * HTTP/1.1", .targetFormInvalid),
            .line("more after the asterisk", "OPTIONS ** HTTP/1.1", .targetFormInvalid),
            .line("CONNECT with a path", "CONNECT / HTTP/1.1", .targetFormInvalid),
            .line("CONNECT without a port", "CONNECT a HTTP/1.1", .targetFormInvalid),
            .line("CONNECT with an empty port", "CONNECT a: HTTP/1.1", .targetFormInvalid),
            .line("an absolute target without host", "GET http:/// HTTP/1.1", .targetFormInvalid),
            .line(
                "an absolute target with userinfo", "GET http://u@a/ HTTP/1.1", .targetFormInvalid),
            .line("another scheme", "GET ftp://a/ HTTP/1.1", .targetFormInvalid),
            .line("a port of letters", "GET http://a:b/ HTTP/1.1", .targetFormInvalid),
            .line("a tab in the target", "GET /a\tb HTTP/1.1", .targetInvalid),
            .line("ESC in the target", "GET /\u{1B} HTTP/1.1", .targetInvalid),
            .line("CR in the target", "GET /\ra HTTP/1.1", .lineMalformed),
            .line("a fragment of an absolute target", "GET http://a#b HTTP/1.1", .targetInvalid),
            .line("a fragment after the asterisk", "OPTIONS *#a HTTP/1.1", .targetInvalid),
            .line("a query after the asterisk", "OPTIONS *?a HTTP/1.1", .targetFormInvalid),
        ]
        + [
            "http://", "http:/a/", "http:", "http", "http//a/", "httpx://a/", "https:/a", "://a/",
            "http://:80/", "http://?a", "http://u:p@a/", "http://a@b/", "http://a:80:80/",
            "http://a:65536/",
            "http://::1/", "http://[::1/", "http://[]/", "http://[1]/", "http://a,b/",
            "http://a\\b/",
            "http://a%zz/", "mailto:a@b", "ws://a/", "?a", "a/b", "\\",
        ].map {
            .line("the target \($0)", "GET \($0) HTTP/1.1", .targetFormInvalid)
        }
        + [
            "a:0", "a:65536", "a:99999999999999999999", "a:x", ":443", "u@a:443", "a:443/", "[::1]",
            "*",
            "http://a:443/", "a:443?b",
        ].map {
            .line("CONNECT to \($0)", "CONNECT \($0) HTTP/1.1", .targetFormInvalid)
        }
        + ["GET", "HEAD", "POST", "DELETE", "options", "BREW"].map {
            .line("the asterisk with \($0)", "\($0) * HTTP/1.1", .targetFormInvalid)
        }
}
