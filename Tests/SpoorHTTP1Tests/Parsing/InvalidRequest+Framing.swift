import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

// Faults of the framing: lengths, codings, chunks.
extension InvalidRequest {
    static let lengths: [InvalidRequest] =
        [
            "", "-5", "+5", "0x5", "5x", "5 5", "5.0", "five", "5, 5", "5,", "5;", "-0", "5e0",
            "0_5", "\"5\"", "a", "５",
            ", 5", "5,,5", "5,5,5", "+ 5", "--5", "-", "5-", ".5", "5.", "5h", "5\u{A0}", "²",
            "(5)", "'5'",
            "5/5", "0 5", "5\t5", "true", "0b1",
        ].map {
            .headers(
                "the length \($0)", "Content-Length: \($0)", .framing(.lengthMalformed))
        } + [
            .headers(
                "a length of 2^63", "Content-Length: 9223372036854775808",
                .framing(.lengthOverflow)),
            .headers(
                "a length of 2^64 + 5", "Content-Length: 18446744073709551621",
                .framing(.lengthOverflow)),
            .headers(
                "a length of thirty digits",
                "Content-Length: " + String(repeating: "9", count: 30),
                .framing(.lengthOverflow)),
            .headers(
                "two lengths", "Content-Length: 5\r\nCONTENT-LENGTH: 6", .framing(.lengthRepeated)),
            .headers(
                "the same length twice", "Content-Length: 5\r\nX: y\r\nContent-Length: 5",
                .framing(.lengthRepeated)),
            .headers(
                "zero and a length", "Content-Length: 0\r\nContent-Length: 5",
                .framing(.lengthRepeated)),
            .headers("VT before a length", "Content-Length: \u{B}5", .header(.valueInvalid)),
            .headers("NUL after a length", "Content-Length: 5\0", .header(.valueInvalid)),
        ]

    static let codings: [InvalidRequest] =
        [
            "", "identity", "xchunked", "x-chunked", "chunke", "gzip", "chunked, chunked",
            "chunked, gzip", "chunked, identity", ", chunked", "chunked,", "\"chunked\"",
            "'chunked'", "chunked;q=1", "chunked chunked", "chun\tked", "chunked\u{A0}",
            "gzip, chunked, chunked",
            ",", "chunked,,", "chunked;", "gzip,", "trailers", "chunked=1", "c hunked",
            "chunKed\u{212A}",
            "(chunked)", "hcunked", "gzip;q=\"a, chunked", "none", "0", "gzip chunked, chunked",
            "gzip;q=1, chunked",
        ].map {
            .headers(
                "the coding \($0)", "Transfer-Encoding: \($0)",
                .framing(.transferEncodingMalformed))
        }
        + ["gzip, chunked", "cow ,\tchunked", "identity, CHUNKED", "a, b, chunked"].map {
            .headers(
                "the coding \($0)", "Transfer-Encoding: \($0)",
                .framing(.transferEncodingUnknown), 501)
        } + [
            .headers(
                "two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                .framing(.transferEncodingRepeated)),
            .headers(
                "another coding after it", "Transfer-Encoding: chunked\r\ntransfer-encoding: cow",
                .framing(.transferEncodingRepeated)),
            .headers(
                "a length after it", "Transfer-Encoding: chunked\r\nContent-Length: 5",
                .framing(.lengthWithTransferEncoding)),
            .headers(
                "a length before", "Content-Length: 0\r\nTransfer-Encoding: chunked",
                .framing(.lengthWithTransferEncoding)),
            .headers(
                "a coding and chunked in two lines",
                "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
                .framing(.transferEncodingMalformed)),
            .headers(
                "an empty coding before", "Transfer-Encoding:\r\nTransfer-Encoding: chunked",
                .framing(.transferEncodingMalformed)),
            .headers(
                "an empty coding after it", "Transfer-Encoding: chunked\r\nTransfer-Encoding:",
                .framing(.transferEncodingRepeated)),
            .headers(
                "a coding together with a length",
                "Content-Length: 5\r\nTransfer-Encoding: identity",
                .framing(.transferEncodingMalformed)),
            .headers(
                "an invalid length together with a coding",
                "Content-Length: x\r\nTransfer-Encoding: chunked",
                .framing(.lengthMalformed)),
            InvalidRequest(
                "chunked together with a length in HTTP/1.0",
                "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                .framing(.transferEncodingInHTTP10)),
            InvalidRequest(
                "chunked in HTTP/1.0 that is kept",
                "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
                .framing(.transferEncodingInHTTP10)),
            InvalidRequest(
                "a coding with GET", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: cow\r\n\r\n",
                .framing(.transferEncodingMalformed)),
            InvalidRequest(
                "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                .framing(.transferEncodingInHTTP10)),
            .headers(
                "VT before chunked", "Transfer-Encoding: \u{B}chunked", .header(.valueInvalid)),
            .headers("FF after chunked", "Transfer-Encoding: chunked\u{C}", .header(.valueInvalid)),
            .headers(
                "a space in the name", "Transfer Encoding: chunked", .header(.blankBeforeColon)),
        ]

    static let chunks: [InvalidRequest] =
        [
            "-5", "+5", "0x5", "5g", "", " 5", "\t5", "x5", "5,5", "5\0", "5\u{B}", "5_0", "-0",
            "5h", "5.", "--5", "\"5\"", "(5)", "5=", "5:", "５", "\u{A0}5", "5\u{A0}", "0X5",
            "\u{C}5", "%35",
            "\0", "\u{7F}5",
        ].map {
            .chunked("the size \($0)", "\($0)\r\nhello\r\n0\r\n\r\n", .chunkSizeMalformed)
        }
        + [
            "5 ", "5 5", "5;", "5;=b", "5;a=\"b", "5;a\0b", "5;a=", "5;a b", "5;a=\"b\"c",
            "5;a=b c", "5;é", "5 ;",
            "5;;", "5;a;", "5;a==b", "5;a=b=c", "5;a=\"b\" ", "5;\"a\"", "5;a,b", "5;(", "5;a\u{1}",
            "5\t",
            "5;a=\"\u{1}\"", "5;a=\"\\\u{0}\"", "5;a=\"\u{7F}\"", "5; ", "5;a ", "5;a= ",
        ].map {
            .chunked(
                "the size line \($0)", "\($0)\r\nhello\r\n0\r\n\r\n", .chunkExtensionMalformed)
        } + [
            .chunked("no size but blanks", "5\r\nhello\r\n \r\n", .chunkSizeMalformed),
            .chunked("17 digits", "00000000000000005\r\nhello", .chunkSizeMalformed),
            .chunked("2^64 + 5", "10000000000000005\r\nhello", .chunkSizeMalformed),
            .chunked("thirty digits", String(repeating: "f", count: 30), .chunkSizeMalformed),
            .chunked("2^64 - 1", "ffffffffffffffff\r\nhello", .tooLarge, 413),
            .chunked("2^63 - 1", "7fffffffffffffff\r\nhello", .tooLarge, 413),
            .chunked("longer than its size", "3\r\nhello\r\n0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("shorter than its size", "6\r\nhello\r\n0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("no CRLF after the data", "5\r\nhello0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("LF after the data", "5\r\nhello\n0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("LF after the size", "5\nhello\r\n0\r\n\r\n", .chunkLineEndMalformed),
            .chunked("CR after the size", "5\rhello\r\n0\r\n\r\n", .chunkLineEndMalformed),
            .chunked("LF after an extension", "5;a\nhello", .chunkLineEndMalformed),
            .chunked("LF in a quoted extension", "5;a=\"\n\"", .chunkLineEndMalformed),
            .chunked("LF after the last chunk", "0\n\n", .chunkLineEndMalformed),
            .chunked("CR after an extension", "5;a\rb\r\nhello", .chunkLineEndMalformed),
            .chunked("CR in a quoted extension", "5;a=\"\r\n\"", .chunkExtensionMalformed),
            .chunked("an escaped LF in an extension", "5;a=\"\\\n\"", .chunkLineEndMalformed),
            .chunked("LF after a quoted extension", "5;a=\"b\"\n", .chunkLineEndMalformed),
            .chunked("CR CR LF after the size", "5\r\r\nhello\r\n", .chunkLineEndMalformed),
            .chunked("LF CR after the size", "5\n\rhello\r\n", .chunkLineEndMalformed),
            .chunked("an empty line before the size", "\r\n5\r\nhello\r\n", .chunkSizeMalformed),
            .chunked("an empty line after the data", "1\r\na\r\n\r\n0\r\n", .chunkSizeMalformed),
            .chunked("CR alone after the data", "1\r\na\rb", .chunkDataEndMalformed),
            .chunked("a space after the data", "1\r\na \r\n", .chunkDataEndMalformed),
            .chunked("a sum beyond 2^64", "1\r\na\r\nffffffffffffffff\r\n", .tooLarge, 413),
            .chunked("CR CR LF after the last chunk", "0\r\r\n", .chunkLineEndMalformed),
            .chunked("a blank trailer", "0\r\n \r\n\r\n", .trailer(.lineFolded)),
            .chunked("a nameless trailer", "0\r\n: a\r\n\r\n", .trailer(.nameMissing)),
            .chunked("LF in a trailer", "0\r\nX: a\nY: b\r\n\r\n", .trailer(.bareLF)),
            .chunked("CR in a trailer", "0\r\nX: a\rY: b\r\n\r\n", .trailer(.bareCR)),
            .chunked("a delimiter in a trailer", "0\r\nX(: a\r\n\r\n", .trailer(.nameInvalid)),
            .chunked(
                "a request as a trailer", "0\r\nGET / HTTP/1.1\r\n\r\n",
                .trailer(.blankBeforeColon)),
            .chunked("LF as the end", "0\r\n\n", .trailer(.bareLF)),
            .chunked("CR as the end", "0\r\n\rX", .trailer(.bareCR)),
            .chunked("a space in a trailer", "0\r\nX-T : v\r\n\r\n", .trailer(.blankBeforeColon)),
            .chunked("a trailer without colon", "0\r\nX\r\n\r\n", .trailer(.colonMissing)),
            .chunked("NUL in a trailer", "0\r\nX: a\0\r\n\r\n", .trailer(.valueInvalid)),
            .chunked("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n", .trailer(.lineFolded)),
        ]
}
