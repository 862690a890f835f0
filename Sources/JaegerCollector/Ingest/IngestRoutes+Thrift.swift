import HTTPTypes
import JaegerThrift
import JaegerTracing
import SpoorHTTP
import SpoorText

/// `POST /api/traces` with a Thrift batch, answered in the words of Jaeger's collector.
///
/// Jaeger answers 500 for a batch with a zero trace or span id and loses the good spans in it. Here the bad ones alone
/// are refused and counted; the answer is 202 while anything of the batch is good, else 400.
extension IngestRoutes {
    /// The names of Thrift's binary encoding: the one that clients send, and the registered one.
    private static let thriftTypes = [
        "application/x-thrift", "application/vnd.apache.thrift.binary",
    ]

    func receiveThrift(_ exchange: Exchange) async throws -> Response {
        guard let type = exchange.request.headers[.contentType].flatMap(MediaType.essence) else {
            return failure(.badRequest, "Cannot parse content type: mime: no media type")
        }
        guard Self.thriftTypes.contains(type) else {
            return failure(.badRequest, "Unsupported content type: \(type)")
        }
        do {
            return try acceptThrift(try await body(of: exchange))
        } catch let fault as IngestFault {
            return failure(fault.status, fault.message)
        }
    }

    private func acceptThrift(_ body: [UInt8]) throws(IngestFault) -> Response {
        let batch: JaegerBatch
        do throws(MalformedBytes) {
            batch = try JaegerBatch(thriftBytes: body)
        } catch {
            return failure(.badRequest, "Unable to process request body: \(error)")
        }
        try check(batch.process)
        let refused = store.insert(batch)
        guard refused > 0 else { return Response(status: .accepted) }
        let message = "\(refused) of \(batch.outlines.count) spans have a zero trace or span id"
        guard refused == batch.outlines.count else {
            warn(message, services: [batch.process.serviceName])
            return Response(status: .accepted)
        }
        return failure(.badRequest, "Cannot submit Jaeger batch: \(message)")
    }
}
