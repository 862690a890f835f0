import HTTPTypes
import JaegerThrift
import JaegerTracing
import Logging
import SpoorHTTP
import SpoorMiddleware

/// Where clients send spans: `POST /api/traces` with a Thrift batch, answered as Jaeger's collector answers.
///
/// Jaeger answers 500 for a batch with a zero trace or span id and loses the good spans in it. Here the bad ones alone
/// are refused and counted; the answer is 202 while anything of the batch is good, else 400.
struct IngestRoutes: Sendable {
    let store: TraceStore
    let bodyBytesMax: Int
    let logger: Logger

    func add(to routes: inout Router) {
        routes.post("/api/traces") { exchange in try await receive(exchange) }
    }

    private func receive(_ exchange: Exchange) async throws -> Response {
        let fields = exchange.request.fields
        if let problem = Self.problem(contentType: fields[.contentType]) {
            return failure(.badRequest, problem)
        }
        if let coding = fields[.contentEncoding], coding.lowercased() != "identity" {
            return failure(.unsupportedMediaType, "Unsupported content encoding: \(coding)")
        }
        return accept(try await exchange.body.collect(upTo: bodyBytesMax))
    }

    private func accept(_ body: [UInt8]) -> Response {
        let batch: JaegerBatch
        do throws(ThriftError) {
            batch = try JaegerBatch(thriftBytes: body)
        } catch {
            return failure(.badRequest, "Unable to process request body: \(error)")
        }
        let refused = store.insert(batch.spans)
        guard refused > 0 else { return Response(status: .accepted) }
        let message = "\(refused) of \(batch.spans.count) spans have a zero trace or span id"
        guard refused == batch.spans.count else {
            logger.warning(
                "spans refused",
                metadata: ["service": "\(batch.process.serviceName)", "reason": "\(message)"])
            return Response(status: .accepted)
        }
        return failure(.badRequest, "Cannot submit Jaeger batch: \(message)")
    }

    private func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        logger.warning("batch refused", metadata: ["status": "\(status)", "reason": "\(message)"])
        return Response(status: status, text: message + "\n")
    }

    // MARK: Content type

    /// The names of Thrift's binary encoding: the one that clients send, and the registered one.
    private static let mediaTypes = [
        "application/x-thrift", "application/vnd.apache.thrift.binary",
    ]

    /// Why the content type is refused, in Jaeger's words; nil when it is good.
    ///
    /// Parameters are ignored.
    static func problem(contentType: String?) -> String? {
        guard let contentType, !contentType.isEmpty else {
            return "Cannot parse content type: mime: no media type"
        }
        let end = contentType.firstIndex(of: ";") ?? contentType.endIndex
        let mediaType = contentType[..<end].lowercased()
            .split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
        return mediaTypes.contains(mediaType) ? nil : "Unsupported content type: \(mediaType)"
    }
}
