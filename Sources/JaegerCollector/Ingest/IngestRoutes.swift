import HTTPTypes
import JaegerTracing
import Logging
import SpoorHTTP
import SpoorMiddleware

/// Where clients send spans: `POST /api/traces` with Thrift, `POST /v1/traces` with OTLP, each answered as real backends do.
///
/// Both paths are served wherever spans are taken, so that a client needs to know one port only.
struct IngestRoutes: Sendable {
    let store: TraceStore
    let maxBodyBytes: Int
    let logger: Logger

    func add(to routes: inout Router) {
        routes.post("/api/traces") { exchange in try await receiveThrift(exchange) }
        routes.post("/v1/traces") { exchange in try await receiveOTLP(exchange) }
    }

    /// The entity, whole and without its content coding.
    ///
    /// - Throws: ``IngestFault`` when it cannot be read; `ResponseError` when it is too large.
    func body(of exchange: Exchange) async throws -> [UInt8] {
        guard let name = exchange.request.headers[.contentEncoding] else {
            return try await exchange.body.collect(upTo: maxBodyBytes)
        }
        guard let coding = ContentCoding(name) else {
            throw IngestFault(.badRequest, "Unsupported content encoding: \(name)")
        }
        let coded = try await exchange.body.collect(upTo: maxBodyBytes)
        return try coding.inflated(coded, maxBytes: maxBodyBytes)
    }

    /// How many bytes the name of a service may have.
    ///
    /// 4096: a name comes once in a batch, but while the store is locked it is hashed for each part of a trace that goes
    /// to make room, and held against the processes of each trace that comes. Names of operations come with each span:
    /// they are not refused, but cut where they are indexed.
    private static let maxServiceNameBytes = 4096

    /// Holds a process against what the store can bear.
    func check(_ process: TracedProcess) throws(IngestFault) {
        let count = process.serviceName.utf8.count
        guard count > Self.maxServiceNameBytes else { return }
        throw IngestFault(
            .badRequest,
            "Unable to process request body: the service name has \(count) bytes, "
                + "\(Self.maxServiceNameBytes) are the most")
    }

    func warn(_ reason: String, services: [String]) {
        logger.warning(
            "spans refused",
            metadata: ["services": "\(services.joined(separator: ", "))", "reason": "\(reason)"])
    }

    func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        log(IngestFault(status, message))
        return Response(status: status, text: message + "\n")
    }

    func log(_ fault: IngestFault) {
        logger.warning(
            "batch refused",
            metadata: ["status": "\(fault.status)", "reason": "\(fault.message)"])
    }
}

/// Why a body cannot be read: always the client's fault.
struct IngestFault: Error {
    let status: HTTPResponse.Status
    let message: String

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
