import ArgumentParser
import Spoor

/// Server-sent events: a page that shows a counter, and the stream that it listens to.
@main
struct EventStream: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Streams a number now and then to whoever listens at /events; GET / is a page that does."
    )

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 8080

    @Option(help: "How many seconds lie between two events.")
    var every = 1

    func run() async throws {
        let pause = Duration.seconds(max(1, every))
        var routes = Router()
        routes.get("/") { _ in Response(text: page, contentType: "text/html; charset=utf-8") }
        routes.get("/events") { exchange in
            // A browser that connects again says which event it has seen last.
            let seen = HTTPField.Name("Last-Event-ID").flatMap { exchange.request.fields[$0] }
            var number = seen.flatMap { Int($0) } ?? 0
            try await exchange.response.startEvents()
            while true {
                number = number == .max ? 0 : number + 1
                try await exchange.response.send(
                    ServerSentEvent("number \(number)", event: "count", id: "\(number)"))
                try await wait(pause, exchange)
            }
        }
        let server = HTTPServer(
            listening: .loopback(port: port), middleware: [AccessLog()], handler: routes)
        try await server.runUntilSignal()
    }
}

/// Waits for the next event, with a comment every fifteen seconds so that nobody between takes the stream for dead.
///
/// A client that leaves, and a shutdown of the server that will wait no longer, cancel the task: then the sleep throws, and
/// the handler is left.
private func wait(_ pause: Duration, _ exchange: Exchange) async throws {
    var left = pause
    while left > .seconds(15) {
        try await Task.sleep(for: .seconds(15))
        left -= .seconds(15)
        try await exchange.response.sendKeepAlive()
    }
    try await Task.sleep(for: left)
}

private let page = """
    <!doctype html>
    <title>Events</title>
    <p>The server has said: <output>nothing yet</output>
    <script>
    new EventSource('/events').addEventListener('count', event => {
        document.querySelector('output').textContent = event.data
    })
    </script>

    """
