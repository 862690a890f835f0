public import Logging
public import ServiceLifecycle
import SpoorMiddleware
import SpoorNetworking
import SpoorServer

/// A local Jaeger backend in one process: takes spans, keeps them in memory, answers queries, shows traces.
///
/// ```swift
/// let collector = try Collector()
/// try await collector.run()       // page at http://127.0.0.1:16686, spans to http://127.0.0.1:14268/api/traces
/// ```
///
/// Nothing outlives the process. Two ports, as Jaeger has them: spans go to one, questions to the other.
public final class Collector: Service {
    /// Where spans are kept.
    public let store: TraceStore
    private let query: HTTPServer
    private let ingest: HTTPServer

    /// Makes a collector; it does nothing before ``run()``.
    ///
    /// - Throws: ``CollectorError/invalidAddress(host:port:)``.
    public init(
        _ configuration: CollectorConfiguration = CollectorConfiguration(),
        logger: Logger = Logger(label: "spoor.collector")
    ) throws(CollectorError) {
        store = TraceStore(limits: configuration.storeLimits)
        let routes = CollectorRoutes(
            store: store, bodyBytesMax: configuration.bodyBytesMax,
            strategies: configuration.strategies, logger: logger)
        query = HTTPServer(
            listening: try Self.address(configuration.host, configuration.queryPort),
            middleware: Self.middleware(logger), handler: routes.query,
            // One loop each: what is behind it is one store with one lock.
            loopCount: 1, logger: logger)
        ingest = HTTPServer(
            listening: try Self.address(configuration.host, configuration.ingestPort),
            middleware: Self.middleware(logger), handler: routes.ingest,
            loopCount: 1, logger: logger)
    }

    private static func middleware(_ logger: Logger) -> [any Middleware] {
        [AccessLog(logger: logger, level: .debug), ErrorResponses()]
    }

    private static func address(_ host: String, _ port: Int) throws(CollectorError) -> ListenAddress
    {
        guard let number = UInt16(exactly: port),
            let address = SocketAddress(host: host, port: number)
        else { throw CollectorError.invalidAddress(host: host, port: port) }
        return .socket(address)
    }

    /// Serves both ports until a graceful shutdown has ended, or until one of them fails; once.
    ///
    /// - Throws: `ServerError` when an address cannot be listened at.
    public func run() async throws {
        try await withThrowingTaskGroup { servers in
            servers.addTask { try await self.query.run() }
            servers.addTask { try await self.ingest.run() }
            // The first error leaves the group at once, which cancels the other server.
            while try await servers.next() != nil {}
        }
    }

    /// Begins a graceful shutdown; ``run()`` returns when it has ended.
    public func beginShutdown() {
        query.beginShutdown()
        ingest.beginShutdown()
    }

    /// Where the collector listens, with the ports that the kernel chose; waits until it does.
    ///
    /// - Throws: What kept ``run()`` from listening.
    public func addresses() async throws -> Addresses {
        guard let query = try await query.boundAddresses().first,
            let ingest = try await ingest.boundAddresses().first
        else { throw ServerError.noAddress }
        return Addresses(query: "http://\(query)", ingest: "http://\(ingest)/api/traces")
    }

    /// The URLs of a running collector.
    public struct Addresses: Sendable, Hashable {
        /// The page, and before `/api/…` the query API: `http://127.0.0.1:16686`.
        public let query: String
        /// Where spans are posted: `http://127.0.0.1:14268/api/traces`.
        public let ingest: String
    }
}

/// What keeps a collector from being made.
public enum CollectorError: Error, Hashable, CustomStringConvertible {
    /// The host is no numeric IPv4 or IPv6 address, or the port is not within 0…65535.
    case invalidAddress(host: String, port: Int)

    /// What is wrong.
    public var description: String {
        switch self {
        case .invalidAddress(let host, let port):
            "cannot listen at “\(host)” port \(port): a numeric address and a port up to 65535 are needed"
        }
    }
}
