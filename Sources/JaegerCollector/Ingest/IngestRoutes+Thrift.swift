import HTTPTypes
import JaegerThrift
import JaegerTracing
import SpoorHTTP
import SpoorText

/// Receives `POST /api/traces` with a Thrift batch, with the response texts of Jaeger's collector.
///
/// Jaeger responds with 500 to a batch that contains a zero trace or span id, and loses the valid spans in it. Here
/// only the invalid ones are rejected and counted; the response is 202 if any span of the batch is valid, else 400.
extension IngestRoutes {
    /// The media types of Thrift's binary encoding: the one that clients send, and the registered one.
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
        let rejected = store.insert(batch)
        guard rejected > 0 else { return Response(status: .accepted) }
        let message = "\(rejected) of \(batch.outlines.count) spans have a zero trace or span id"
        guard rejected == batch.outlines.count else {
            warn(message, services: [batch.process.serviceName])
            return Response(status: .accepted)
        }
        return failure(.badRequest, "Cannot submit Jaeger batch: \(message)")
    }
}
