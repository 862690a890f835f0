import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

@Suite struct ResponseSerializerTests {
    static let date = DateHeader(unixSeconds: 784_111_777)
    static let dateLine = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    private func text(
        _ response: Response, _ framing: MessageFraming
    ) throws(HeaderError) -> String {
        var output = bytes("before ")
        try ResponseSerializer.append(
            response.status, headers: response.headers, contentType: response.contentType,
            body: response.body, framing: framing, date: Self.date, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes a complete response in one call`() throws {
        #expect(
            try text(Response(text: "Hello\n"), MessageFraming(length: .bytes(6)))
                == "before HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + Self.dateLine + "Content-Length: 6\r\n\r\nHello\n")
    }

    @Test func `writes headers as they were set, and none twice`() throws {
        let response = Response(
            status: .created,
            headers: [
                .location: "/a", .contentType: "text/x", .date: "now", .setCookie: "a",
                .server: "b",
            ],
            text: "é")
        #expect(
            try text(response, MessageFraming(length: .bytes(2), connection: .close))
                == "before HTTP/1.1 201 Created\r\nLocation: /a\r\nContent-Type: text/x\r\nDate: now\r\n"
                + "Set-Cookie: a\r\nServer: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\né")
    }

    @Test func `omits the framing headers that a user sets`() throws {
        var headers: Headers = [.contentLength: "9", .transferEncoding: "gzip", .connection: "x"]
        if let name = HTTPField.Name("Keep-Alive") { headers.append(name, "timeout=5") }
        #expect(
            try text(Response(headers: headers), MessageFraming(length: .chunked))
                == "before HTTP/1.1 200 OK\r\n" + Self.dateLine
                + "Transfer-Encoding: chunked\r\n\r\n")
    }

    @Test func `sends no body where none is allowed`() throws {
        let framing = MessageFraming(length: .bytes(5), sendsBody: false)
        #expect(
            try text(Response(bytes: bytes("hello")), framing)
                == "before HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                + Self.dateLine + "Content-Length: 5\r\n\r\n")
    }

    @Test(arguments: [
        "a\r\nX-Injected: yes", "a\rb", "a\nb", "a\0b", "\r\n\r\n<script>", "a\u{1}", "\u{1B}[2J",
        "a\u{7F}",
    ])
    func `rejects a value with a control byte`(_ value: String) {
        let framing = MessageFraming(length: .bytes(0))
        #expect(throws: HeaderError(name: "Location")) {
            try text(Response(headers: [.location: value]), framing)
        }
        #expect(throws: HeaderError(name: "Content-Type")) {
            try text(Response(contentType: value), framing)
        }
        var output = bytes("before")
        try? ResponseSerializer.appendHead(
            .ok, headers: Headers(), contentType: value, framing: framing, date: Self.date,
            to: &output)
        #expect(output == bytes("before"))
        #expect(throws: HeaderError(name: "Link")) {
            var output: [UInt8] = []
            try ResponseSerializer.appendInterim(
                .init(code: 103), headers: ["Link": value], to: &output)
        }
    }

    @Test func `accepts tabs and bytes that are not ASCII`() throws {
        let headers: Headers = [.location: "a\té"]
        let written = try text(
            Response(headers: headers, contentType: "a/b;\tc=\"é\""), MessageFraming(length: .none))
        #expect(written.contains("Location: a\té\r\nContent-Type: a/b;\tc=\"é\"\r\n"))
    }

    @Test(arguments: [100, 101, 102, 103, 199])
    func `sends a 500 if a handler ends with an interim status`(_ code: Int) throws {
        let response = Response(status: .init(code: code))
        #expect(
            try text(response, MessageFraming(length: .bytes(0), connection: .close))
                .hasPrefix("before HTTP/1.1 500 Internal Server Error\r\n"))
    }

    @Test func `sends the status of a switch of protocols`() throws {
        let switching = MessageFraming(length: .none, sendsBody: false, connection: .upgrade)
        #expect(
            try text(Response(status: .switchingProtocols), switching)
                .hasPrefix("before HTTP/1.1 101 Switching Protocols\r\n"))
    }

    @Test func `writes every status with three digits and a space`() {
        for code in 0..<1000 {
            let line = written { StatusLine.append(HTTPResponse.Status(code: code), to: &$0) }
            #expect(line.hasPrefix("HTTP/1.1 \(code < 100 ? 500 : code) "))
            #expect(line.hasSuffix("\r\n") && line.filter { $0 == "\r\n" }.count == 1)
        }
    }

    @Test func `sends the reason of an unregistered status if it is printable`() {
        for (reason, sent) in [("Fine", "Fine"), ("a\r\nX: y", "a  X: y"), ("é", ""), ("", "")] {
            let line = written {
                StatusLine.append(.init(code: 299, reasonPhrase: reason), to: &$0)
            }
            #expect(line == "HTTP/1.1 299 \(sent)\r\n")
        }
    }

    @Test func `uses the registered reason phrases of swift-http-types`() {
        for code in 100..<600 {
            let status = HTTPResponse.Status(code: code)
            guard !status.reasonPhrase.isEmpty else { continue }
            let line = written { StatusLine.append(status, to: &$0) }
            #expect(line == "HTTP/1.1 \(code) \(status.reasonPhrase)\r\n")
        }
    }

    @Test func `responds to a rejected request with a short text and close`() {
        var output: [UInt8] = []
        ResponseSerializer.appendRejection(
            RequestFault.lineTooLong.status, isHead: false, date: Self.date, to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "HTTP/1.1 414 URI Too Long\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + Self.dateLine
                + "Content-Length: 17\r\nConnection: close\r\n\r\n414 URI Too Long\n")
        output = []
        ResponseSerializer.appendRejection(
            .requestTimeout, isHead: true, date: Self.date, to: &output)
        #expect(String(decoding: output, as: UTF8.self).hasSuffix("Connection: close\r\n\r\n"))
    }

    @Test func `writes interim responses without date or length`() throws {
        var output: [UInt8] = []
        ResponseSerializer.appendContinue(to: &output)
        try ResponseSerializer.appendInterim(
            .init(code: 103), headers: ["Link": "</a>; rel=preload"],
            to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                + "Link: </a>; rel=preload\r\n\r\n")
    }

    @Test(arguments: [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 123_456_789, Int.max])
    func `writes numbers in digits`(_ number: Int) {
        #expect(written { HeaderSerializer.append(number, to: &$0) } == "\(number)")
    }
}
