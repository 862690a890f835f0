import ArgumentParser
import Spoor

/// The endpoints that black-box test suites for HTTP/1.1 need: a resource, an echo, and a stream.
@main
struct ConformanceServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves GET /, POST /echo and GET /stream?chunks=N&size=M for conformance suites."
    )

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 8081

    @Option(help: "The path of a Unix socket to listen on, instead of the port.")
    var unix: String?

    @Option(help: "A certificate chain in a PEM file: speak TLS. With --tls-key.")
    var tlsCert: String?

    @Option(help: "The private key of the certificate, in a PEM file.")
    var tlsKey: String?

    func validate() throws {
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key go together.")
        }
    }

    func run() async throws {
        var routes = Router()
        routes.get("/") { _ in "Hello, world!\n" }
        routes.post("/echo") { exchange in try await exchange.body.collect(upTo: 64 << 20) }
        routes.stream(.get, "/stream") { exchange in
            let query = exchange.request.query ?? ""
            let chunks = number("chunks", in: query) ?? 3
            let size = number("size", in: query) ?? 10
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: size)
            // A stream without chunks is a response as well.
            try await exchange.response.start()
            for _ in 0..<chunks {
                try await exchange.response.write(piece)
                try await exchange.response.flush()
            }
        }
        routes.group([BodyLimit(maxBytes: .max)]) { routes in
            routes.post("/count") { exchange in
                var count = 0
                while let piece = try await exchange.body.next() { count += piece.count }
                return "\(count)\n"
            }
            // Does not read the body, so that the client cannot send all of it.
            routes.post("/unread") { _ in
                try await Task.sleep(for: .seconds(3600))
                return "unread\n"
            }
        }
        var address: BindAddress = unix.map { .unix(path: $0) } ?? .loopback(port: port)
        if let tlsCert, let tlsKey {
            address = address.tls(
                TLSServerConfiguration(certificateChainFile: tlsCert, privateKeyFile: tlsKey))
        }
        try await HTTPServer(listening: address, handler: routes).runService()
    }
}

/// Returns the number of a query item; nil if it is absent or out of range.
private func number(_ key: String, in query: String) -> Int? {
    for pair in query.split(separator: "&") where pair.hasPrefix(key + "=") {
        return Int(pair.dropFirst(key.count + 1)).flatMap {
            (0...10_000_000).contains($0) ? $0 : nil
        }
    }
    return nil
}
