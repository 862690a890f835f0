import ArgumentParser
import ServiceLifecycle
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
        let pause = Duration.seconds(max(1, every))
        var routes = Router()
        routes.get("/") { _ in Response(text: page, contentType: "text/html; charset=utf-8") }
        routes.stream(.get, "/events") { exchange in
            // A browser that reconnects sends the id of the last event that it has received.
            let seen = HTTPField.Name("Last-Event-ID").flatMap { exchange.request.headers[$0] }
            var number = seen.flatMap { Int($0) } ?? 0
            try await exchange.response.startEventStream()
            // Ends when the server begins to drain, so that an open stream does not delay a shutdown.
            for await tick in Ticks(every: pause).cancelOnGracefulShutdown() {
                guard case .event = tick else {
                    try await exchange.response.sendKeepAlive()
                    continue
                }
                number = number == .max ? 0 : number + 1
                try await exchange.response.send(
                    ServerSentEvent("number \(number)", event: "count", id: "\(number)"))
            }
            try await exchange.response.send(ServerSentEvent("the server stops", event: "end"))
        }
        let server = HTTPServer(
            listening: .loopback(port: port), middleware: [AccessLog()], handler: routes)
        try await server.runService()
    }
}

/// Returns the schedule of the stream: an event now and after each interval, and a comment every fifteen seconds.
///
/// The comments prevent proxies from closing the connection as idle. The schedule ends when the task is cancelled, as when the
/// client disconnects.
private struct Ticks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    enum Tick: Sendable {
        case event, keepAlive
    }

    private let pause: Duration
    private var left = Duration.zero

    init(every pause: Duration) {
        self.pause = pause
    }

    func makeAsyncIterator() -> Ticks { self }

    mutating func next() async -> Tick? {
        let sleep = Swift.min(left, .seconds(15))
        guard (try? await Task.sleep(for: sleep)) != nil else { return nil }
        left -= sleep
        guard left == .zero else { return .keepAlive }
        left = pause
        return .event
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
