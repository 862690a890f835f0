@testable import SpoorHTTP
import Testing

@Suite struct ServerSentEventTests {
    @Test(arguments: [
        (ServerSentEvent("hello"), "data: hello\n\n"),
        (ServerSentEvent(""), "data: \n\n"),
        (
            ServerSentEvent("one\ntwo\r\nthree\rfour"),
            "data: one\ndata: two\ndata: three\ndata: four\n\n"
        ),
        (ServerSentEvent("\n"), "data: \ndata: \n\n"),
        (
            ServerSentEvent("x", event: "price", id: "7", retryMilliseconds: 2000),
            "event: price\nid: 7\nretry: 2000\ndata: x\n\n"
        ),
        (ServerSentEvent("x", retryMilliseconds: -1), "retry: 0\ndata: x\n\n"),
    ])
    func `is written field by field`(event: ServerSentEvent, text: String) throws {
        let serialized = try event.text
        #expect(serialized == text)
    }

    // P087, P092
    @Test func `a line break in the data begins another data line`() throws {
        let text = try ServerSentEvent("a\rdata: x\n\nevent: c").text
        #expect(text == "data: a\ndata: data: x\ndata: \ndata: event: c\n\n")
    }

    // P087, P092
    @Test(
        arguments: [
            (ServerSentEvent("x", event: "m\nid: 9"), .lineBreak(in: .event)),
            (ServerSentEvent("x", event: "m\rid: 9"), .lineBreak(in: .event)),
            (ServerSentEvent("x", event: "m\r\n"), .lineBreak(in: .event)),
            (ServerSentEvent("x", id: "1\n\ndata: x"), .lineBreak(in: .id)),
            (ServerSentEvent("x", id: "abc\rdata: inj"), .lineBreak(in: .id)),
            (ServerSentEvent("x", id: "1\0"), .nulInID),
        ] as [(ServerSentEvent, ServerSentEventError)])
    func `a value that would begin another field is rejected`(
        event: ServerSentEvent, error: ServerSentEventError
    ) {
        #expect(throws: error) { try event.text }
    }

    @Test func `a comment is a single line`() throws {
        #expect(try ServerSentEvent.comment("") == ": \n\n")
        #expect(try ServerSentEvent.comment("still here") == ": still here\n\n")
        #expect(throws: ServerSentEventError.lineBreak(in: .comment)) {
            try ServerSentEvent.comment("a\ndata: x")
        }
    }

    @Test func `the errors name the part`() {
        #expect("\(ServerSentEventError.lineBreak(in: .id))".hasPrefix("the id of a server-sent"))
        #expect("\(ServerSentEventError.nulInID)".contains("NUL"))
    }
}
