public import Logging
public import ServiceLifecycle
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer

/// A local Jaeger backend in one process: receives spans, stores them in memory, and serves queries and a page.
///
/// ```swift
/// let collector = try Collector()
/// try await collector.run()       // page at http://127.0.0.1:16686, spans to http://127.0.0.1:14268/api/traces
/// ```
///
/// Nothing is persisted. Ports are as in Jaeger: one for queries, one for spans and, if configured, another one for
/// OTLP; both ports for spans accept Jaeger's Thrift and OTLP.
public final class Collector: Service {
    /// The store of spans.
    public let store: TraceStore
    private let query: HTTPServer
    private let ingest: HTTPServer
    private let otlp: HTTPServer?
    private let logger: Logger

    /// Creates a collector; it is started with ``run()``.
    ///
    /// - Throws: ``CollectorError``.
    public init(
        _ configuration: CollectorConfiguration = CollectorConfiguration(),
        logger: Logger = Logger(label: "spoor.collector")
    ) throws(CollectorError) {
        try configuration.check()
        self.logger = logger
        store = TraceStore(limits: configuration.storeLimits)
        let routes = CollectorRoutes(
            store: store, maxBodyBytes: configuration.maxBodyBytes,
            strategies: configuration.strategies,
            maxClockSkewAdjustment: configuration.maxClockSkewAdjustment, logger: logger)
        query = try Self.server(
            configuration, configuration.queryPort, routes.query, logger, OTLPErrors.rejection)
        ingest = try Self.server(
            configuration, configuration.ingestPort, routes.ingest, logger, OTLPErrors.rejection)
        if let port = configuration.otlpPort {
            otlp = try Self.server(
                configuration, port, routes.ingest, logger, OTLPErrors.rejectionByDefault)
        } else {
            otlp = nil
        }
    }

    private static func server(
        _ configuration: CollectorConfiguration, _ port: Int, _ routes: Router, _ logger: Logger,
        _ rejectionHandler: @escaping RejectionHandler
    ) throws(CollectorError) -> HTTPServer {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = max(limits.http1.maxBodyBytes, configuration.maxBodyBytes)
        let address = try address(configuration.host, port)
        var middleware: [any Middleware] = [
            AccessLog(logger: logger, level: .debug), ErrorMiddleware(), OTLPErrors(),
        ]
        if address.isLoopback || !configuration.allowedHosts.isEmpty {
            middleware.append(AllowedHosts(configuration.allowedHosts + [configuration.host]))
        }
        return HTTPServer(
            listening: .socket(address),
            middleware: middleware,
            handler: routes,
            limits: limits,
            // One event loop each, because all requests use one store with one lock.
            loopCount: 1, logger: logger, rejectionHandler: rejectionHandler)
    }

    private var servers: [HTTPServer] { [query, ingest] + (otlp.map { [$0] } ?? []) }

    private static func address(_ host: String, _ port: Int) throws(CollectorError) -> SocketAddress
    {
        guard let number = UInt16(exactly: port),
            let address = SocketAddress(host: host, port: number)
        else { throw CollectorError.invalidAddress(host: host, port: port) }
        return address
    }

    /// Serves all ports until a graceful shutdown has ended, or until one of them fails; may be called once.
    ///
    /// - Throws: `ServerError` if an address cannot be bound.
    public func run() async throws {
        try await withThrowingTaskGroup { tasks in
            for server in servers {
                tasks.addTask { try await server.run() }
            }
            // The first error ends the group, which cancels the other servers.
            while try await tasks.next() != nil {}
        }
    }

    /// Serves until SIGINT or SIGTERM, then shuts down gracefully; a second signal closes all connections immediately.
    ///
    /// - Throws: The errors of ``run()``.
    public func runService() async throws {
        try await SignalledGroup(ServiceGroup(services: [self], logger: logger), logger: logger)
            .run()
    }

    /// Starts a graceful shutdown; ``run()`` returns when it has ended.
    public func triggerGracefulShutdown() {
        for server in servers { server.triggerGracefulShutdown() }
    }

    /// Returns the URLs of the collector, with the ports that the kernel chose; waits until it listens.
    ///
    /// - Throws: The error of ``run()`` if it cannot listen.
    public func addresses() async throws -> Addresses {
        guard let query = try await query.localAddresses().first,
            let ingest = try await ingest.localAddresses().first
        else { throw ServerError.noAddress }
        let otlp = try await otlp?.localAddresses().first
        return Addresses(
            query: "http://\(query)", ingest: "http://\(ingest)/api/traces",
            otlp: otlp.map { "http://\($0)/v1/traces" })
    }

    /// The URLs of a running collector.
    public struct Addresses: Sendable, Hashable {
        /// The URL of the page, and the base of the query API (`/api/…`): `http://127.0.0.1:16686`.
        public let query: String
        /// The URL for spans in Jaeger's Thrift: `http://127.0.0.1:14268/api/traces`.
        public let ingest: String
        /// The URL for spans in OTLP: `http://127.0.0.1:4318/v1/traces`; nil if there is no separate port for it.
        public let otlp: String?
    }
}

/// The errors of creating a collector.
public enum CollectorError: Error, Hashable, CustomStringConvertible {
    /// The host is not a numeric IPv4 or IPv6 address, or the port is not within 0…65535.
    case invalidAddress(host: String, port: Int)
    /// A limit is out of range.
    case invalidLimit(name: String, value: Int, range: ClosedRange<Int>)
    /// An element of ``CollectorConfiguration/allowedHosts`` is neither a name nor a numeric address without port.
    case invalidAllowedHost(String)

    /// The description of the error.
    public var description: String {
        switch self {
        case .invalidAddress(let host, let port):
            "cannot listen at “\(host)” port \(port): use a numeric address and a port up to 65535"
        case .invalidLimit(let name, let value, let range):
            range.upperBound == .max
                ? "\(name) is \(value): it must be at least \(range.lowerBound)"
                : "\(name) is \(value): it must be within \(range.lowerBound)…\(range.upperBound)"
        case .invalidAllowedHost(let text):
            "“\(text)” is not a host: use a name or a numeric address, without scheme, port and path"
        }
    }
}
