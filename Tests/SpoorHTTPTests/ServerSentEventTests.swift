import SpoorHTTP
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
    func `is written field by field`(event: ServerSentEvent, text: String) {
        #expect(event.text == text)
    }

    @Test func `a value cannot begin another field`() {
        let event = ServerSentEvent(
            "a\ndata: b\n\nevent: c", event: "x\ndata: y", id: "1\r\n\r\ndata: z\0")
        #expect(
            event.text
                == "event: xdata: y\nid: 1data: z\n"
                + "data: a\ndata: data: b\ndata: \ndata: event: c\n\n")
    }
}
