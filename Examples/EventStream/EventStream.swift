import ArgumentParser
import Spoor

/// Server-sent events: a page that shows a counter, and its event stream.
@main
struct EventStream: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Streams a number at intervals as server-sent events at /events; GET / is a page that shows them."
    )

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 8080

    @Option(help: "How many seconds lie between two events.")
    var every = 1

    func run() async throws {
        let interval = Duration.seconds(max(1, every))
        var routes = Router()
        routes.get("/") { _ in Response(text: page, contentType: "text/html; charset=utf-8") }
        routes.get("/events") { exchange in
            // A browser that reconnects sends the id of the last event that it has received.
            let last = exchange.request.headers.lastEventID.flatMap { Int($0) } ?? 0
            return Response.events(
                Counter(last: last, interval: interval),
                lastEvent: ServerSentEvent("the server stops", event: "end"))
        }
        let server = HTTPServer(
            listening: .loopback(port: port), middleware: [AccessLog()], handler: routes)
        try await server.runService()
    }
}

/// The events of the stream: one now, and one after each interval; it ends when its task is cancelled.
private struct Counter: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private var last: Int
    private let interval: Duration
    private var isFirst = true

    init(last: Int, interval: Duration) {
        self.last = last
        self.interval = interval
    }

    func makeAsyncIterator() -> Counter { self }

    mutating func next() async -> ServerSentEvent? {
        if !isFirst {
            guard (try? await Task.sleep(for: interval)) != nil else { return nil }
        }
        isFirst = false
        last = last == .max ? 0 : last + 1
        return ServerSentEvent("number \(last)", event: "count", id: "\(last)")
    }
}

private let page = """
    <!doctype html>
    <title>Events</title>
    <p>Received from the server: <output>nothing yet</output>
    <script>
    new EventSource('/events').addEventListener('count', event => {
        document.querySelector('output').textContent = event.data
    })
    </script>

    """
