import HTTPTypes
import JaegerOTLP
import JaegerThrift
import JaegerTracing
import SpoorHTTP
import SpoorText

/// Receives `POST /v1/traces` with OTLP in protobuf; the JSON form is not supported and rejected with a message.
///
/// Failures are answered with `google.rpc.Status` (``OTLPFailure``). Spans without valid ids are rejected individually:
/// the response counts them as `rejected_spans`, so that no client sends the valid ones again.
extension IngestRoutes {
    func receiveOTLP(_ exchange: Exchange) async throws -> Response {
        let request = exchange.request
        let type = request.headers[.contentType].flatMap(MediaType.essence)
        do {
            guard type == OTLPFailure.protobuf else {
                throw IngestFault(.unsupportedMediaType, Self.problem(with: type))
            }
            return try acceptOTLP(try await body(of: exchange))
        } catch let fault as IngestFault {
            log(fault)
            return OTLPFailure.response(fault.status, fault.message, to: request)
        } catch {
            guard let response = OTLPFailure.response(for: error, to: request) else { throw error }
            return response
        }
    }

    private static func problem(with type: String?) -> String {
        let found =
            switch type {
            case nil: "no content type"
            case "application/json": "OTLP/JSON is not supported"
            case let type?: "unsupported content type: \(type)"
            }
        return
            "\(found); send OTLP as \(OTLPFailure.protobuf) (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)"
    }

    private func acceptOTLP(_ body: [UInt8]) throws(IngestFault) -> Response {
        let request: OTLPExportRequest
        do throws(MalformedBytes) {
            request = try OTLPExportRequest(decoding: body)
        } catch {
            let status: HTTPResponse.Status =
                error.cause == .tooManyValues ? .contentTooLarge : .badRequest
            throw IngestFault(status, "Unable to process request body: \(error)")
        }
        for batch in request.batches { try check(batch.process) }
        try checkGrowth(of: request.batches)
        do throws(MalformedBytes) {
            // Both formats are stored in the one from which the query API is served.
            for batch in request.batches {
                _ = store.insert(try JaegerBatch(encoding: batch.spans, of: batch.process))
            }
        } catch {
            throw IngestFault(.badRequest, "Unable to process request body: \(error)")
        }
        return Response(bytes: response(to: request).bytes, contentType: OTLPFailure.protobuf)
    }

    /// The maximum size of spans in Jaeger's format, as a multiple of ``maxBodyBytes``; typical spans take a few times
    /// their size.
    private static let maxGrowth = 8

    /// Rejects spans that would be huge in Jaeger's format, before they are encoded: values that OTLP sends once for
    /// all spans of a scope are repeated there in each span.
    private func checkGrowth(of batches: [OTLPExportRequest.Batch]) throws(IngestFault) {
        let (product, overflow) = maxBodyBytes.multipliedReportingOverflow(by: Self.maxGrowth)
        let maxByteCount = overflow ? .max : product
        let byteCount = batches.reduce(0) { $0 + $1.spans.thriftByteCount }
        guard byteCount > maxByteCount else { return }
        throw IngestFault(
            .contentTooLarge,
            "The spans take \(byteCount) bytes in Jaeger's format; the limit is \(maxByteCount)")
    }

    private func response(to request: OTLPExportRequest) -> OTLPExportResponse {
        let count = request.rejectedSpanCount
        guard count > 0 else { return OTLPExportResponse() }
        let message = "\(count) spans have a trace or span id that is zero or has the wrong length"
        warn(message, services: request.batches.prefix(4).map(\.process.serviceName))
        store.countRejected(count)
        return OTLPExportResponse(rejectedSpanCount: Int64(count), message: message)
    }
}
