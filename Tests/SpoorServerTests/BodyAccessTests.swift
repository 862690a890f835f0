import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import TestSupport
import Testing

/// Returns all bytes unchanged.
private struct Unchanged: BodyTransform {
    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        output.append(input)
        return input.count
    }
}

/// Reads everything that a body offers before and after the rest of the chain.
private struct Looking: Middleware {
    func intercept(_ exchange: Exchange, next: Next) async throws {
        _ = (exchange.body.length, exchange.body.trailers, exchange.body.maxBytes)
        try await next(exchange)
        _ = (exchange.body.length, exchange.body.trailers, exchange.body.maxBytes)
        _ = try? await exchange.body.next()
        _ = try? await exchange.body.collect(upTo: 10)
    }
}

/// Adds two transforms around the body of the request.
private struct Wrapping: Middleware {
    func intercept(_ exchange: Exchange, next: Next) async throws {
        exchange.body.transform(with: Unchanged())
        exchange.body.transform(with: Unchanged())
        try await next(exchange)
    }
}

/// Every way to read a body, for every kind of body.
@Suite(.finishes(within: .seconds(60))) struct BodyAccessTests {
    private static var routes: Router {
        var routes = Router()
        routes.any("/collect") { exchange in
            let bytes = try await exchange.body.collect(upTo: 100)
            return String(decoding: bytes, as: UTF8.self)
                + "-\(exchange.body.trailers[.eTag] ?? "")"
        }
        routes.any("/pieces") { exchange in
            var text = ""
            for try await piece in exchange.body { text += String(decoding: piece, as: UTF8.self) }
            // Again, after the end.
            while let piece = try await exchange.body.next() { text += "\(piece)" }
            return text + "-\(exchange.body.trailers[.eTag] ?? "")"
        }
        for method in [HTTPRequest.Method.get, .post] {
            routes.stream(method, "/stream") { exchange in
                while let piece = try await exchange.body.next() {
                    try await exchange.response.write(piece)
                }
                try await exchange.response.write("-\(exchange.body.trailers[.eTag] ?? "")")
            }
        }
        routes.any("/unread") { _ in "-" }
        return routes
    }

    // P003, P004
    @Test(
        arguments: [
            ("GET", "\r\n", ["", ""]), ("POST", "Content-Length: 0\r\n\r\n", ["", ""]),
            ("POST", "Content-Length: 3\r\n\r\nabc", ["abc", ""]),
            ("POST", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["", ""]),
            (
                "POST",
                "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\nETag: sum\r\n\r\n",
                ["abc", "sum"]
            ),
        ],
        [[], [Looking()], [Wrapping()], [Looking(), Wrapping(), Looking()]] as [[any Middleware]])
    func `every kind of body is read in every way, also after its end`(
        request: (method: String, rest: String, parts: [String]), middleware: [any Middleware]
    ) async throws {
        let (body, trailer) = (request.parts[0], request.parts[1])
        try await withTestClient(middleware: middleware, handler: Self.routes) {
            client async throws in
            for path in ["/collect", "/pieces", "/stream", "/unread"] {
                let text = try await client.roundTrip([
                    "\(request.method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + request.rest
                ])
                #expect(text.hasPrefix("HTTP/1.1 200"))
                switch path {
                case "/unread": #expect(text.hasSuffix("\r\n\r\n-"))
                case "/stream": #expect(text.contains(body) && text.contains("-\(trailer)\r\n"))
                default: #expect(text.hasSuffix("\r\n\r\n\(body)-\(trailer)"))
                }
            }
        }
    }

    // P005
    @Test(arguments: TestMode.allCases)
    func `a writer that is not finished affects no later request of the connection`(
        mode: TestMode
    ) async throws {
        var routes = Router()
        routes.stream(.get, "/open") { exchange in
            try await exchange.response.write("one")
            try await exchange.response.flush()
            try await exchange.response.write("two")
        }
        routes.stream(.get, "/short") { exchange in
            try await exchange.response.start(bodyLength: 9)
            try await exchange.response.write("one")
        }
        try await withTestClient(over: mode, handler: routes) { client async throws in
            try await client.withRawConnection { peer async throws in
                for _ in 0..<2 {
                    try await peer.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
                    let text = try await peer.read(until: "0\r\n\r\n")
                    #expect(text.contains("one\r\n3\r\ntwo"))
                }
            }
            // A body that stays shorter than announced fails alone: nothing of it was sent yet.
            #expect(try await client.get("/short").status == .internalServerError)
            #expect(try await client.get("/open").text == "onetwo")
        }
    }
}
