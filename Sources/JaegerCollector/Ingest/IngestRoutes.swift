import HTTPTypes
import JaegerTracing
import Logging
import SpoorHTTP
import SpoorMiddleware

/// The routes for spans: `POST /api/traces` with Thrift and `POST /v1/traces` with OTLP, with the responses of real
/// backends.
///
/// Both paths are available on each port for spans, so that clients need only one port.
struct IngestRoutes: Sendable {
    let store: TraceStore
    let maxBodyBytes: Int
    let logger: Logger

    func add(to routes: inout Router) {
        routes.post("/api/traces") { exchange in try await receiveThrift(exchange) }
        routes.post("/v1/traces") { exchange in try await receiveOTLP(exchange) }
    }

    /// Returns the whole body without its content coding.
    ///
    /// - Throws: ``IngestFault`` if it cannot be decoded; `ResponseError` if it is too large.
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

    /// The maximum length of a service name, in bytes.
    ///
    /// 4096: a name occurs once in a batch, but under the lock of the store it is hashed for each evicted part of a
    /// trace, and compared with the processes of each received trace. Operation names occur in each span: they are not
    /// rejected, but truncated in the index.
    private static let maxServiceNameBytes = 4096

    /// Rejects a process that the store cannot handle.
    func check(_ process: TracedProcess) throws(IngestFault) {
        let count = process.serviceName.utf8.count
        guard count > Self.maxServiceNameBytes else { return }
        throw IngestFault(
            .badRequest,
            "Unable to process request body: the service name has \(count) bytes, "
                + "the limit is \(Self.maxServiceNameBytes)")
    }

    func warn(_ reason: String, services: [String]) {
        logger.warning(
            "spans rejected",
            metadata: ["services": "\(services.joined(separator: ", "))", "reason": "\(reason)"])
    }

    func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        log(IngestFault(status, message))
        return Response(status: status, text: message + "\n")
    }

    func log(_ fault: IngestFault) {
        logger.warning(
            "batch rejected",
            metadata: ["status": "\(fault.status)", "reason": "\(fault.message)"])
    }
}

/// The reason why a body is rejected; the client is always at fault.
struct IngestFault: Error {
    let status: HTTPResponse.Status
    let message: String

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
