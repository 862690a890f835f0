import HTTPTypes
import JaegerOTLP
import SpoorHTTP
import SpoorNetworking
import SpoorText

/// What a collector responded: as much of it as is looked at, and what that means.
struct CollectorResponse {
    let status: Int
    var headers = Headers()
    /// The first bytes of the body.
    var body: [UInt8] = []

    /// Which responses are retryable, as collectors mean it, for all formats alike (OTLP/HTTP, "Retryable Response Codes").
    ///
    /// - Parameter now: The local time in seconds since the epoch, asked for only if the response has no `Date`.
    func result(
        for format: WireFormat, now: () -> Int64 = WallClock.secondsSinceEpoch
    ) -> ExportResult {
        switch status {
        case 200..<300 where headers[.contentType]?.lowercased().hasPrefix("text/html") == true:
            .failure("\(statusLine): a page answers there, no collector")
        case 200..<300: success(of: format)
        case 300..<400:
            .failure("\(statusLine): a redirect to \(location), which is not followed")
        case 429, 502, 503, 504: .retryable(description, retryAfter: retryAfter(now: now))
        // Jaeger's collectors and the OpenTelemetry Collector say so when their own queue is full.
        case 500 where body.starts(with: "Cannot submit".utf8):
            .retryable(description, retryAfter: retryAfter(now: now))
        default: .failure(description)
        }
    }

    /// What the body of a 2xx says of the batch.
    private func success(of format: WireFormat) -> ExportResult {
        switch format {
        case .jaegerThrift: .success()
        case .otlp: partialSuccess
        }
    }

    /// OTLP's `partial_success`: what was rejected must not be sent again.
    private var partialSuccess: ExportResult {
        guard let response = try? OTLPExportResponse(decoding: body) else {
            return .success(warning: "the collector's answer is no ExportTraceServiceResponse")
        }
        let count = Int(clamping: response.rejectedSpanCount)
        let message = String(firstPrintableLine: response.message.utf8)
        guard count > 0 else { return .success(warning: message.isEmpty ? nil : message) }
        return .success(
            rejectedSpans: count, warning: "the collector left out spans of a batch: \(message)")
    }

    /// How long the collector wants to be left alone (RFC 9110 §10.2.3); nil if it does not say.
    ///
    /// A date is compared with the one of the response itself, so that clocks that differ do no harm; only a response
    /// without one is compared with the local clock.
    private func retryAfter(now: () -> Int64) -> Duration? {
        guard let text = headers[.retryAfter] else { return nil }
        if text.utf8.count <= 9, let seconds = Int64(text) {
            return seconds >= 0 ? .seconds(seconds) : nil
        }
        guard let then = HTTPDate(text)?.secondsSince1970 else { return nil }
        let sent = headers[.date].flatMap(HTTPDate.init)?.secondsSince1970 ?? now()
        return .seconds(max(0, then - sent))
    }

    private var statusLine: String { "the collector answered \(status)" }

    /// Where a redirect points, without what may be secret in it.
    private var location: String {
        guard let location = headers[.location] else { return "nowhere" }
        return String(firstPrintableLine: location.utf8.prefix { $0 != UInt8(ascii: "?") })
    }
}

extension CollectorResponse: CustomStringConvertible {
    /// The status, and the first line of the body.
    var description: String {
        let line = String(firstPrintableLine: reason)
        return line.isEmpty ? statusLine : "\(statusLine): \(line)"
    }

    /// The message of an error of OTLP (`google.rpc.Status`), or the body as it is.
    private var reason: [UInt8] {
        guard headers[.contentType]?.lowercased().hasPrefix("application/x-protobuf") == true,
            let status = try? RPCStatus(decoding: body), !status.message.isEmpty
        else { return body }
        return Array(status.message.utf8)
    }
}
