import HTTPTypes
import JaegerOTLP
import SpoorHTTP
import SpoorNetworking
import SpoorText

/// The relevant parts of a collector's response, and their meaning.
struct CollectorResponse {
    let status: Int
    var headers = Headers()
    /// The first bytes of the body.
    var body: [UInt8] = []

    /// Returns the result of the attempt; the retryable statuses are the same for all formats (OTLP/HTTP, "Retryable
    /// Response Codes").
    ///
    /// - Parameter now: Returns the local time in seconds since the epoch; called only if the response has no `Date`.
    func result(
        for format: WireFormat, now: () -> Int64 = WallClock.secondsSinceEpoch
    ) -> ExportResult {
        switch status {
        case 200..<300 where headers[.contentType]?.lowercased().hasPrefix("text/html") == true:
            .failure("\(statusLine): the response is a web page; check the collector's URL")
        case 200..<300: success(of: format)
        case 300..<400:
            .failure("\(statusLine): a redirect to \(location), which is not followed")
        case 429, 502, 503, 504: .retryable(description, retryAfter: retryAfter(now: now))
        // Jaeger's collectors and the OpenTelemetry Collector send this when their own queue is full.
        case 500 where body.starts(with: "Cannot submit".utf8):
            .retryable(description, retryAfter: retryAfter(now: now))
        default: .failure(description)
        }
    }

    /// Returns the result of a 2xx response, which may be a partial success.
    private func success(of format: WireFormat) -> ExportResult {
        switch format {
        case .jaegerThrift: .success()
        case .otlp: partialSuccess
        }
    }

    /// The result of OTLP's `partial_success`; rejected spans must not be sent again.
    private var partialSuccess: ExportResult {
        guard let response = try? OTLPExportResponse(decoding: body) else {
            return .success(
                warning: "the collector's response is not an ExportTraceServiceResponse")
        }
        let count = Int(clamping: response.rejectedSpanCount)
        let message = String(firstPrintableLine: response.message.utf8)
        guard count > 0 else { return .success(warning: message.isEmpty ? nil : message) }
        return .success(
            rejectedSpans: count, warning: "the collector rejected spans of a batch: \(message)")
    }

    /// Returns the delay that the collector requests with `Retry-After` (RFC 9110 §10.2.3); nil if there is none.
    ///
    /// A date is compared with the `Date` of the response, so that differing clocks do no harm; only without one is it
    /// compared with the local clock.
    private func retryAfter(now: () -> Int64) -> Duration? {
        guard let text = headers[.retryAfter] else { return nil }
        if text.utf8.count <= 9, let seconds = Int64(text) {
            return seconds >= 0 ? .seconds(seconds) : nil
        }
        guard let then = HTTPDate(text)?.secondsSince1970 else { return nil }
        let sent = headers[.date].flatMap(HTTPDate.init)?.secondsSince1970 ?? now()
        return .seconds(max(0, then - sent))
    }

    private var statusLine: String { "the collector responded with \(status)" }

    /// The target of a redirect, without its query, which may be secret.
    private var location: String {
        guard let location = headers[.location] else { return "no location" }
        return String(firstPrintableLine: location.utf8.prefix { $0 != UInt8(ascii: "?") })
    }
}

extension CollectorResponse: CustomStringConvertible {
    /// The status, and the first line of the body.
    var description: String {
        let line = String(firstPrintableLine: reason)
        return line.isEmpty ? statusLine : "\(statusLine): \(line)"
    }

    /// The message of an OTLP error (`google.rpc.Status`), or else the body.
    private var reason: [UInt8] {
        guard headers[.contentType]?.lowercased().hasPrefix("application/x-protobuf") == true,
            let status = try? RPCStatus(decoding: body), !status.message.isEmpty
        else { return body }
        return Array(status.message.utf8)
    }
}
