import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

// Faults of the headers, including `Host`.
extension InvalidRequest {
    static let headers: [InvalidRequest] = [
        .headers("a space before the colon", "X-Foo : a", .header(.blankBeforeColon)),
        .headers("a tab before the colon", "X-Foo\t: a", .header(.blankBeforeColon)),
        .headers("a space in the name", "X Foo: a", .header(.blankBeforeColon)),
        .headers("no colon", "JustAWord", .header(.colonMissing)),
        .headers("no name", ": a", .header(.nameMissing)),
        .headers("a delimiter in the name", "X(Foo: a", .header(.nameInvalid)),
        .headers("NUL in the name", "X\0Foo: a", .header(.nameInvalid)),
        .headers("VT before the colon", "Transfer-Encoding\u{B}: chunked", .header(.nameInvalid)),
        .headers("what is not ASCII in the name", "X-Föö: a", .header(.nameInvalid)),
        .headers("folding with a space", "X-Foo: a\r\n b", .header(.lineFolded)),
        .headers("folding with a tab", "X-Foo: a\r\n\tb", .header(.lineFolded)),
        .headers("NUL in the value", "X-Foo: a\0b", .header(.valueInvalid)),
        .headers("a control in the value", "X-Foo: a\u{1}b", .header(.valueInvalid)),
        .headers("DEL in the value", "X-Foo: a\u{7F}b", .header(.valueInvalid)),
        .headers("CR in the value", "X-Foo: a\rb", .header(.bareCR)),
        .headers("CR that hides a length", "X-Foo: a\rContent-Length: 2", .header(.bareCR)),
        .headers("CR CR LF", "X-Foo: a\r\r\nX-Bar: b", .header(.bareCR)),
        .headers("LF after the value", "X-Foo: a\nX-Bar: b", .header(.bareLF)),
        InvalidRequest(
            "a blank before the first header", "GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n",
            .header(.lineFolded)),
        InvalidRequest(
            "CR before the end", "GET / HTTP/1.1\r\nHost: a\r\n\rGET", .header(.bareCR)),
        InvalidRequest(
            "LF as the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", .header(.bareLF)),
        .headers("only blanks", " \t", .header(.lineFolded)),
        .headers("a colon alone", ":", .header(.nameMissing)),
        .headers("CR before the colon", "X\r: a", .header(.colonMissing)),
        .headers("LF before the colon", "X\n: a", .header(.colonMissing)),
        .headers("NUL as a line", "\0", .header(.nameInvalid)),
        .headers("a quoted name", "\"X\": a", .header(.nameInvalid)),
        .headers("two spaces before the colon", "X  : a", .header(.blankBeforeColon)),
        .headers("a request as a field", "GET / HTTP/1.1", .header(.blankBeforeColon)),
        .headers("folding to nothing", "X: a\r\n ", .header(.lineFolded)),
        .headers("a folded length", "Content-Length: 1\r\n 5", .header(.lineFolded)),
        .headers(
            "a folded coding", "Transfer-Encoding: chunked\r\n ,x", .header(.lineFolded)),
        .headers("ESC in the value", "X: \u{1B}[2J", .header(.valueInvalid)),
        .headers("VT around the value", "X: \u{B}a\u{B}", .header(.valueInvalid)),
        .headers("CR CR", "X: a\r\rY: b", .header(.bareCR)),
        .headers("LF LF", "X: a\n\nGET / HTTP/1.1", .header(.bareLF)),
        .headers("LF that hides a coding", "X: a\nTransfer-Encoding: chunked", .header(.bareLF)),
        .headers("two expectations", "Expect: 100-continue, x", .expectationUnknown, 417),
        .headers(
            "an expectation with a parameter", "Expect: 100-continue;q=1", .expectationUnknown, 417),
        .headers(
            "an unknown expectation after a known one", "Expect: 100-continue\r\nExpect: x",
            .expectationUnknown, 417),
        .headers("an unknown expectation", "Expect: more", .expectationUnknown, 417),
        .headers("no expectation", "Expect:", .expectationUnknown, 417),
    ]

    static let hosts: [InvalidRequest] =
        [
            InvalidRequest("no host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", .hostMissing),
            InvalidRequest(
                "no host with an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", .hostMissing),
            .headers("an empty host after a host", "Host:", .hostRepeated),
            InvalidRequest(
                "a host after an empty one", "GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n",
                .hostRepeated),
            InvalidRequest("no host in HTTP/1.2", "GET / HTTP/1.2\r\n\r\n", .hostMissing),
            InvalidRequest(
                "no host with the asterisk", "OPTIONS * HTTP/1.1\r\n\r\n", .hostMissing),
            InvalidRequest(
                "no host with an authority", "CONNECT a:1 HTTP/1.1\r\n\r\n", .hostMissing),
            InvalidRequest(
                "an invalid host with an absolute target",
                "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n", .hostInvalid),
            InvalidRequest(
                "an invalid host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .hostInvalid),
            InvalidRequest(
                "a space after the name of the host", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                .header(.blankBeforeColon)),
            .headers("two hosts", "Host: b", .hostRepeated),
            .headers("the same host twice", "hOST: a", .hostRepeated),
            InvalidRequest(
                "two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
                .hostRepeated),
        ]
        + [
            "a b", "a/b", "u@a", "a:b", "a, b", "a,b", "[::1", "[]", "[::1]x", "a:80:80", ":80",
            "a\\b", "a?b", "[g::]", "é",
            "http://a", "a#b", "a\tb", "a:-1", "a:+1", "a:1x", "a: 1", "a :1", "::1", "[", "]",
            "[::1]a",
            "[::1]:x", "a:65536", "a:99999999999999999999", "a%", "a%2", "a%zz", "%g0", "\"a\"",
            "<a>", "{a}",
            "a|b", "a^b", "a`b", "[1]", "[:::]", "[:1]", "[1:]", "[1::2::3]", "[1:2:3:4:5:6:7:8:9]",
            "[1:2:3:4:5:6:7::8]", "[12345::]", "[::1.2.3]", "[::1.2.3.256]", "[::01.2.3.4]",
            "[1.2.3.4]",
            "[::1.2.3.4:5]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1%25eth0]", "[v1.a:b]", "/", "u:p@a",
        ].map {
            InvalidRequest(
                "the host \($0)", "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n", .hostInvalid)
        }
}
