import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

@Suite struct ServerConnectionFramingTests {
    /// Returns a machine that has received this request.
    private func state(
        _ text: String, limits: HTTP1Limits = HTTP1Limits()
    ) throws -> ServerConnectionMachine {
        var parser = RequestHeadParser(limits: limits)
        var request = Request()
        let progress = try parser.parse(text, into: &request)
        #expect(progress == .complete(bytesConsumed: text.utf8.count))
        var state = ServerConnectionMachine()
        let action = state.receive(
            request, options: parser.options, expectsContinue: parser.expectsContinue)
        #expect(action == .callHandler)
        return state
    }

    private func get(_ version: String = "1.1", _ connection: String? = nil, method: String = "GET")
        -> String
    {
        "\(method) / HTTP/\(version)\r\nHost: a\r\n"
            + (connection.map { "Connection: \($0)\r\n" } ?? "") + "\r\n"
    }

    // MARK: Whether the connection is kept

    @Test(
        arguments: [
            ("1.1", nil, .implied), ("1.1", "keep-alive", .implied), ("1.1", "close", .close),
            ("1.1", "foo, Close", .close), ("1.1", "keep-alive, close", .close),
            ("1.0", nil, .close), ("1.0", "Keep-Alive", .keepAlive), ("1.0", "close", .close),
            ("1.0", "keep-alive, close", .close), ("1.2", nil, .implied),
        ] as [(String, String?, MessageFraming.Connection)])
    func `keeps the connection alive as the request asks`(
        version: String, option: String?, expected: MessageFraming.Connection
    ) throws {
        var state = try state(get(version, option))
        let framing = state.startResponse(.ok, bodyLength: 5, headers: Headers())
        #expect(framing == MessageFraming(length: .bytes(5), connection: expected))
        #expect(state.end() == (expected == .close ? .lingerIfBytesWait : .readRequest))
    }

    @Test func `closes when the server drains or the handler sets close`() throws {
        var draining = try state(get())
        let last = draining.startResponse(.ok, bodyLength: 0, headers: Headers(), closes: true)
        #expect(last.connection == .close)
        #expect(draining.end() == .linger)
        var closing = try state(get())
        let framing = closing.startResponse(.ok, bodyLength: 0, headers: [.connection: "x, close"])
        #expect(framing.connection == .close)
        var keeping = try state(get())
        let kept = keeping.startResponse(
            .ok, bodyLength: 0, headers: [.connection: "keep-alive"])
        #expect(kept.connection == .implied)
    }

    @Test func `is ready for the next request`() throws {
        var parser = RequestHeadParser()
        var request = Request()
        var state = ServerConnectionMachine()
        for _ in 1...3 {
            _ = try parser.parse(get(), into: &request)
            #expect(
                state.receive(request, options: parser.options, expectsContinue: false)
                    == .callHandler)
            #expect(
                state.startResponse(.ok, bodyLength: 1, headers: Headers()).connection == .implied)
            #expect(state.end() == .readRequest)
        }
    }

    // MARK: How the response is framed

    @Test(
        arguments: [
            ("GET", "1.1", 200, 5, .init(length: .bytes(5))),
            ("GET", "1.1", 200, nil, .init(length: .chunked)),
            ("GET", "1.1", 200, 0, .init(length: .bytes(0))),
            ("GET", "1.1", 404, 5, .init(length: .bytes(5))),
            ("HEAD", "1.1", 200, 5, .init(length: .bytes(5), sendsBody: false)),
            ("HEAD", "1.1", 200, nil, .init(length: .chunked, sendsBody: false)),
            ("GET", "1.1", 204, 5, .init(length: .none, sendsBody: false)),
            ("GET", "1.1", 204, nil, .init(length: .none, sendsBody: false)),
            ("GET", "1.1", 304, 5, .init(length: .none, sendsBody: false)),
            ("GET", "1.1", 100, 5, .init(length: .bytes(0), sendsBody: false, connection: .close)),
            ("GET", "1.1", 101, 5, .init(length: .bytes(0), sendsBody: false, connection: .close)),
            ("GET", "1.0", 103, 5, .init(length: .bytes(0), sendsBody: false, connection: .close)),
            ("HEAD", "1.1", 204, 5, .init(length: .none, sendsBody: false)),
            ("HEAD", "1.1", 304, 5, .init(length: .none, sendsBody: false)),
            ("HEAD", "1.1", 205, 5, .init(length: .bytes(0), sendsBody: false)),
            ("GET", "1.0", 204, 5, .init(length: .none, sendsBody: false, connection: .close)),
            ("GET", "1.0", 304, nil, .init(length: .none, sendsBody: false, connection: .close)),
            ("GET", "1.1", 205, 5, .init(length: .bytes(0), sendsBody: false)),
            ("GET", "1.1", 205, nil, .init(length: .bytes(0), sendsBody: false)),
            ("GET", "1.0", 200, 5, .init(length: .bytes(5), connection: .close)),
            ("GET", "1.0", 200, nil, .init(length: .untilClose, connection: .close)),
            ("HEAD", "1.0", 200, nil, .init(length: .none, sendsBody: false, connection: .close)),
        ] as [(String, String, Int, Int?, MessageFraming)])
    func `frames the response`(
        method: String, version: String, code: Int, bodyLength: Int?, framing: MessageFraming
    ) throws {
        var state = try state(get(version, method: method))
        #expect(
            state.startResponse(.init(code: code), bodyLength: bodyLength, headers: Headers())
                == framing)
    }

    @Test func `closes after a body of unknown length in HTTP/1.0`() throws {
        var state = try state(get("1.0", "keep-alive"))
        let framing = state.startResponse(.ok, bodyLength: nil, headers: Headers())
        #expect(framing == MessageFraming(length: .untilClose, connection: .close))
        #expect(state.end() == .linger)
    }

    @Test(
        arguments: [
            ("HEAD", 200, 0, "7", .bytes(7)), ("HEAD", 200, nil, "7", .bytes(7)),
            ("GET", 304, 0, "7", .bytes(7)), ("GET", 200, nil, "7", .bytes(7)),
            ("GET", 200, 5, "7", .bytes(5)), ("HEAD", 200, 5, "7", .bytes(5)),
            ("GET", 200, nil, "+7", .chunked), ("GET", 200, nil, "7, 7", .chunked),
            ("GET", 204, nil, "7", .none), ("GET", 200, 0, "7", .bytes(0)),
            ("GET", 200, nil, "99999999999999999999", .chunked),
        ] as [(String, Int, Int?, String, MessageFraming.Length)])
    func `applies a length that the handler sets, if no other is known`(
        method: String, code: Int, bodyLength: Int?, own: String, length: MessageFraming.Length
    ) throws {
        var state = try state(get(method: method))
        let framing = state.startResponse(
            .init(code: code), bodyLength: bodyLength, headers: [.contentLength: own])
        #expect(framing.length == length)
        #expect(framing.sendsBody == (method == "GET" && code == 200))
    }

    // MARK: The request's body

    static let posting = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "

    @Test func `has no body to read if there is none`() throws {
        var state = try state(get())
        #expect(state.handle(.bodyRequested) == .endBody)
    }

    @Test func `sends 100 Continue once, when the handler reads`() throws {
        var state = try state(Self.posting + "5\r\nExpect: 100-continue\r\n\r\n")
        #expect(state.handle(.bodyRequested) == .sendContinue)
        #expect(state.handle(.bodyRequested) == .decodeBody)
        #expect(state.handle(.bodyEnded) == .proceed)
        #expect(state.handle(.bodyRequested) == .endBody)
        #expect(state.startResponse(.ok, bodyLength: 0, headers: Headers()).connection == .implied)
        #expect(state.end() == .readRequest)
    }

    @Test func `closes when an expected body was not read`() throws {
        var state = try state(Self.posting + "5\r\nExpect: 100-continue\r\n\r\n")
        let framing = state.startResponse(.contentTooLarge, bodyLength: 0, headers: Headers())
        #expect(framing.connection == .close)
        #expect(state.handle(.headSent) == .proceed)
        // It is too late for 100, but the client may send the body anyway.
        #expect(state.handle(.bodyRequested) == .decodeBody)
        #expect(state.end() == .linger)
    }

    @Test func `drains a short unread body, then continues`() throws {
        var state = try state(Self.posting + "5\r\n\r\n")
        #expect(state.startResponse(.ok, bodyLength: 0, headers: Headers()).connection == .implied)
        #expect(state.end() == .drainBody)
        #expect(HTTP1Limits().maxDrainBytes == 256 << 10)
        #expect(state.handle(.bodyEnded) == .readRequest)
    }

    @Test func `closes rather than drain a long body`() throws {
        var limits = HTTP1Limits()
        limits.maxDrainBytes = 4
        var unread = try state(Self.posting + "5\r\n\r\n", limits: limits)
        #expect(
            unread.startResponse(.ok, bodyLength: 0, headers: Headers(), limits: limits).connection
                == .close)
        #expect(unread.end() == .linger)
        // A body that is being read may still be read to its end.
        var read = try state(Self.posting + "5\r\n\r\n", limits: limits)
        #expect(read.handle(.bodyRequested) == .decodeBody)
        #expect(
            read.startResponse(.ok, bodyLength: 0, headers: Headers(), limits: limits).connection
                == .implied)
        #expect(read.end() == .drainBody)
        var short = try state(Self.posting + "4\r\n\r\n", limits: limits)
        #expect(
            short.startResponse(.ok, bodyLength: 0, headers: Headers(), limits: limits).connection
                == .implied)
    }

    @Test func `closes after a body with invalid framing`() throws {
        var state = try state(Self.posting + "5\r\n\r\n")
        #expect(state.handle(.bodyRequested) == .decodeBody)
        #expect(state.handle(.bodyFailed) == .reportBody)
        #expect(
            state.startResponse(.badRequest, bodyLength: 0, headers: Headers()).connection == .close
        )
        #expect(state.end() == .linger)
    }

    @Test func `drains a chunked body up to the limit`() throws {
        var state = try state("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(state.startResponse(.ok, bodyLength: 0, headers: Headers()).connection == .implied)
        #expect(state.end() == .drainBody)
    }

    // MARK: Other protocols

    static let upgrading =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"

    @Test func `hands the connection over when the handler switches protocols`() throws {
        var state = try state(Self.upgrading)
        #expect(
            state.startResponse(
                .switchingProtocols, bodyLength: nil, headers: [.upgrade: "websocket"])
                == MessageFraming(length: .none, sendsBody: false, connection: .upgrade))
        #expect(state.handle(.protocolSwitched) == .proceed)
        #expect(state.handle(.handlerReturned) == .endUpgrade)
    }

    @Test func `continues with HTTP when it does not`() throws {
        var state = try state(Self.upgrading)
        #expect(state.startResponse(.ok, bodyLength: 1, headers: Headers()).connection == .implied)
        #expect(state.end() == .readRequest)
    }

    @Test func `does not switch without a request`() throws {
        var state = try state(get())
        _ = state.startResponse(.switchingProtocols, bodyLength: nil, headers: Headers())
        #expect(state.end() == .linger)
    }

    @Test func `hands the connection over after a tunnel's head`() throws {
        let connect = "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"
        var opened = try state(connect)
        #expect(
            opened.startResponse(.ok, bodyLength: nil, headers: Headers())
                == MessageFraming(length: .none, sendsBody: false))
        #expect(opened.handle(.protocolSwitched) == .proceed)
        #expect(opened.handle(.handlerReturned) == .endUpgrade)
        var rejected = try state(connect)
        #expect(
            rejected.startResponse(.notImplemented, bodyLength: 3, headers: Headers())
                == MessageFraming(length: .bytes(3)))
        #expect(rejected.end() == .readRequest)
    }
}
