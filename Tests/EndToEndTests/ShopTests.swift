import HTTPTypes
import Spoor
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@testable import Shop

/// The example Shop, with item ids that would change the structure of a URL if they were not percent-encoded.
@Suite(.finishes(within: .seconds(60))) struct ShopTests {
    /// Records the targets of received requests.
    private final class Targets: Middleware {
        private let seen = Mutex<[String]>([])

        func intercept(_ exchange: Exchange, next: Next) async throws {
            let target = exchange.request.target
            seen.withLock { $0.append(target) }
            try await next(exchange)
        }

        func take() -> [String] {
            seen.withLock { seen in
                defer { seen = [] }
                return seen
            }
        }
    }

    private func withShop(_ body: (TestClient, Targets) async throws -> Void) async throws {
        let targets = Targets()
        let client = HTTPClient()
        let tracer = JaegerTracer(serviceName: "shop", reporter: InMemoryReporter())
        let (stockAddress, catalogAddress) = (Self.unsharedAddress(), Self.unsharedAddress())
        try await withServer(at: stockAddress, middleware: [targets], handler: Stock().routes) {
            _, stock in
            let catalog = Catalog(stock: stock, client: client, tracer: tracer)
            try await withServer(
                at: catalogAddress, middleware: [targets], handler: catalog.routes
            ) { _, catalog in
                let front = Front(catalog: catalog, stock: stock, client: client)
                try await withTestClient(middleware: [ErrorMiddleware()], handler: front.routes) {
                    try await body($0, targets)
                }
                await client.shutdown()
            }
        }
    }

    /// An ephemeral port of a loopback address that no other test uses.
    ///
    /// Other tests of the process may still send to ports of 127.0.0.1 that they have closed, such as reporters without a collector.
    /// The kernel may assign such a port to a server of this suite, which expects an exact list of requests.
    private static func unsharedAddress() -> BindAddress {
        let bytes = (0..<3).map { _ in UInt8.random(in: 1...254) }
        return .host("127.\(bytes[0]).\(bytes[1]).\(bytes[2])", port: 0)
    }

    @Test func `an item combines both responses`() async throws {
        try await withShop { client, targets in
            let response = try await client.get("/items/7")
            #expect(response.status == .ok && response["content-type"] == "application/json")
            #expect(
                response.text
                    == "{\"item\":{\"isAvailable\":true,\"name\":\"lantern\"},\"stock\":6}\n")
            #expect(targets.take() == ["/catalog/7", "/stock/7", "/stock/7"])
        }
    }

    @Test(arguments: [
        "7%3Fadmin%3D1", "7%23top", "7%2Fadmin", "%2E%2E", "7%20x", "7%00", "%00", "%25",
        "%2F%2Fevil",
        "7%0D%0AX-Injected:%20yes", "7%3Badmin", "r%C3%A9sum%C3%A9", "7%5C..%5Cadmin", "%22%3C%3E",
    ])
    func `an id is one path segment in the request to the catalog`(id: String) async throws {
        try await withShop { client, targets in
            let response = try await client.get("/items/\(id)")
            #expect(response.status == .notFound)
            let asked = targets.take()
            #expect(asked.count == 1)
            let path = try #require(asked.first)
            #expect(path.hasPrefix("/catalog/") && path.split(separator: "/").count == 2)
            #expect(!path.contains("?") && !path.contains("#") && !path.contains(" "))
            #expect(
                PercentEncoding.decode(String(path.dropFirst("/catalog/".count)))
                    == PercentEncoding.decode(id))
        }
    }

    @Test func `an id with a query in it is passed on encoded`() async throws {
        try await withShop { client, targets in
            _ = try await client.get("/items/7%3Fadmin%3D1")
            #expect(targets.take() == ["/catalog/7%3Fadmin%3D1"])
        }
    }
}
