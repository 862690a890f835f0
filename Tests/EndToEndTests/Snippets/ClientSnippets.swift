import Spoor
import SpoorTLS

/// Copies of the snippets of Documentation/Client.md and TLS.md, which tests run.
///
/// `SnippetCopyTests` compares the copies with the pages, without line breaks and comments at the ends of lines.
struct ClientSnippets {
    let tracer: JaegerTracer
    /// The server that all hosts of URLs stand for, and the roots of its certificate.
    let address: SocketAddress
    let roots: TLSTrustRoots

    /// Stands for the initializer in the copied snippet: connects to the server of the test.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private func HTTPClient(middleware: [any ClientMiddleware]) -> Spoor.HTTPClient {
        Spoor.HTTPClient(
            middleware: middleware, limits: ClientLimits(),
            tls: TLSClientConfiguration(trustRoots: roots), loops: .shared,
            route: .socket(address))
    }

    func requests() async throws -> (status: HTTPResponse.Status, text: String, size: Int) {
        let http = HTTPClient(middleware: [ClientTracing(tracer)])
        let response = try await http.execute(
            HTTPClientRequest(
                .post, "https://api.example/v1", path: URLPath("orders", "7"), query: ["dry": "1"],
                headers: [.contentType: "application/json"], body: .text("{}"), timeout: .seconds(5)
            ))
        let (status, text) = (response.status, response.text)

        let size = try await http.withResponse(
            to: HTTPClientRequest(.get, "https://api.example/export")
        ) { response in
            var size = 0
            while let bytes = try await response.next() { size += bytes.count }
            return size
        }
        await http.shutdown()
        return (status, text, size)
    }
}

/// The snippets of Documentation/TLS.md, which name files of the current directory.
enum TLSSnippets {
    static func server(_ routes: Router) -> HTTPServer {
        let tls = TLSServerConfiguration(
            certificateChainFile: "chain.pem", privateKeyFile: "key.pem")
        let server = HTTPServer(listening: .any(port: 443).tls(tls), handler: routes)
        return server
    }

    static func mutualTLS(_ routes: inout Router) -> TLSServerConfiguration {
        var mutualTLS = TLSServerConfiguration(
            certificateChainFile: "chain.pem", privateKeyFile: "key.pem")
        mutualTLS.clientCertificates = .required(.file("client-ca.pem"))
        routes.get("/whoami") { exchange in
            exchange.connection.tls?.peerCertificate?.subject ?? "no certificate"
        }
        return mutualTLS
    }

    static func client() -> HTTPClient {
        let identity = TLSIdentity(
            certificateChainFile: "client.pem", privateKeyFile: "client-key.pem")
        let secureClient = HTTPClient(
            tls: TLSClientConfiguration(trustRoots: .file("roots.pem"), identity: identity))
        return secureClient
    }
}
