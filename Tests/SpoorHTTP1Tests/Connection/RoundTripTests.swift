import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// Two machines and an in-memory connection: each parses what the other writes, in pieces of any size.
@Suite struct RoundTripTests {
    struct Turn: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method: HTTPRequest.Method = .get
        var headers = Headers()
        var body: [String]?
        var isChunked = false
        var status: HTTPResponse.Status = .ok
        var response: [String] = []
        var responseIsChunked = false
        var trailers: Headers?

        /// The expected response at the client.
        var seen: String {
            method == .head || status.code == 204 || status.code == 304 ? "" : response.joined()
        }
    }

    static let turns: [Turn] = [
        Turn(testDescription: "nothing either way"),
        Turn(testDescription: "a text back", response: ["hello"]),
        Turn(testDescription: "a body there", method: .post, body: ["hello ", "world"]),
        Turn(
            testDescription: "chunks both ways", method: .put, body: ["a", "bc", "0\r\n\r\n"],
            isChunked: true, response: ["def", "", "g"], responseIsChunked: true,
            trailers: [.eTag: "\"x\""]),
        Turn(testDescription: "HEAD", method: .head, response: ["hello"]),
        Turn(
            testDescription: "HEAD of chunks", method: .head, response: ["hi"],
            responseIsChunked: true),
        Turn(testDescription: "204", status: .noContent, response: ["no"]),
        Turn(testDescription: "304", status: .notModified, response: ["no"]),
        Turn(
            testDescription: "fields", headers: [.accept: "a", .cookie: "b=c", .userAgent: "ü"],
            status: .notFound, response: ["?"]),
    ]

    private func request(_ turn: Turn, _ client: inout ClientConnectionMachine) throws -> [UInt8] {
        let length: Request.BodyLength =
            turn.isChunked
            ? .unknown : turn.body.map { .bytes($0.joined().utf8.count) } ?? .none
        let directives = try RequestDirectives(
            turn.method, bodyLength: length, headers: turn.headers)
        client.startRequest(turn.method, directives)
        var output: [UInt8] = []
        try RequestSerializer.appendHead(
            turn.method, target: "/a?b=c", authority: "example.com:8080", headers: turn.headers,
            directives, to: &output)
        var encoder = BodyEncoder(directives.framing)
        for piece in turn.body ?? [] {
            let content = bytes(piece)
            try encoder.append(content.span, to: &output)
        }
        try encoder.finish(to: &output)
        return output
    }

    private func response(_ turn: Turn, to request: [UInt8]) throws -> [UInt8] {
        var parser = RequestHeadParser()
        var head = Request()
        guard case .complete = try parser.parse(request.span, into: &head) else {
            Issue.record("the head is not complete")
            return []
        }
        var server = ServerConnectionMachine()
        let action = server.receive(
            head, options: parser.options, expectsContinue: parser.expectsContinue)
        #expect(action == .callHandler)
        if !server.isBodyComplete { #expect(server.handle(.bodyEnded) == .proceed) }
        let framing = server.startResponse(
            turn.status,
            bodyLength: turn.responseIsChunked ? nil : turn.response.joined().utf8.count,
            headers: Headers())
        var output: [UInt8] = []
        try ResponseSerializer.appendHead(
            turn.status, headers: [.server: "s"], contentType: "text/plain", framing: framing,
            date: DateHeader(unixSeconds: 0), to: &output)
        var encoder = BodyEncoder(framing)
        for piece in turn.response {
            let content = bytes(piece)
            if framing.sendsBody || framing.length != .none {
                try encoder.append(content.span, to: &output)
            }
        }
        try encoder.finish(trailers: turn.trailers, to: &output)
        #expect(server.end() == .readRequest)
        return output
    }

    @Test(arguments: turns)
    func `parses what the other side has written`(_ turn: Turn) throws {
        var client = ClientConnectionMachine()
        let request = try request(turn, &client)
        for splitting in Splitting.all(for: request) {
            let transcript = RequestTranscript(request, splitting)
            #expect(transcript.fault == nil && transcript.rest.isEmpty)
            #expect(transcript.bodies == [turn.body?.joined() ?? ""])
            let head = try #require(transcript.heads.first)
            #expect(head.line == "\(turn.method.rawValue) /a?b=c")
            #expect(head.authority == "example.com:8080")
            for field in turn.headers {
                #expect(head.headers.contains("\n\(field.name.rawName): \(field.value)"))
            }
        }
        let response = try response(turn, to: request)
        for splitting in Splitting.all(for: response) {
            let transcript = ResponseTranscript(response, to: [turn.method], splitting)
            #expect(transcript.fault == nil && transcript.rest.isEmpty)
            #expect(transcript.content == turn.seen)
            #expect(
                transcript.events.last
                    == .end(trailers: turn.trailers?.description ?? "", keepsAlive: true))
        }
    }

    @Test func `separates many exchanges on one connection`() throws {
        var requests: [UInt8] = []
        var responses: [UInt8] = []
        for turn in Self.turns {
            var client = ClientConnectionMachine()
            let request = try request(turn, &client)
            requests += request
            responses += try response(turn, to: request)
        }
        for splitting in [Splitting.whole, .bytewise, .pieces(of: 5), .pieces(of: 64)] {
            let read = RequestTranscript(requests, splitting)
            #expect(read.bodies == Self.turns.map { $0.body?.joined() ?? "" })
            let received = ResponseTranscript(responses, to: Self.turns.map(\.method), splitting)
            #expect(received.fault == nil && received.rest.isEmpty)
            #expect(received.content == Self.turns.map(\.seen).joined())
        }
    }
}
