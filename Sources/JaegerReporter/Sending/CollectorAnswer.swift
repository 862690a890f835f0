import HTTPTypes
import JaegerOTLP
import SpoorHTTP
import SpoorNetworking

/// What a collector answered: as much of it as is looked at, and what that means.
struct CollectorAnswer {
    let status: Int
    var fields = Fields()
    /// The first bytes of the body.
    var body: [UInt8] = []

    /// Judges the answer as collectors mean it, for all formats alike.
    ///
    /// - Parameter now: The local time in seconds since the epoch, asked for only if the answer has no `Date`.
    func verdict(
        on format: WireFormat, now: () -> Int64 = WallClock.secondsSinceEpoch
    ) -> Verdict {
        switch status {
        case 200..<300 where fields[.contentType]?.lowercased().hasPrefix("text/html") == true:
            .refused("\(statusLine): a page answers there, no collector")
        case 200..<300: format.acceptance(body)
        case 300..<400:
            .refused("\(statusLine): a redirect to \(location), which is not followed")
        case 429, 502, 503, 504: .unavailable(description, retryAfter: retryAfter(now: now))
        // Jaeger's collectors and the OpenTelemetry Collector say so when their own queue is full.
        case 500 where body.starts(with: "Cannot submit".utf8):
            .unavailable(description, retryAfter: retryAfter(now: now))
        default: .refused(description)
        }
    }

    /// How long the collector wants to be left alone (RFC 9110 §10.2.3); nil if it does not say.
    ///
    /// A date is held against the one of the answer itself, so that clocks that differ do no harm; only an answer without
    /// one is held against the local clock.
    private func retryAfter(now: () -> Int64) -> Duration? {
        guard let text = fields[.retryAfter] else { return nil }
        if text.utf8.count <= 9, let seconds = Int64(text) {
            return seconds >= 0 ? .seconds(seconds) : nil
        }
        guard let then = HTTPDate.seconds(of: text) else { return nil }
        let sent = fields[.date].flatMap { HTTPDate.seconds(of: $0) } ?? now()
        return .seconds(max(0, then - sent))
    }

    private var statusLine: String { "the collector answered \(status)" }

    /// Where a redirect points, without what may be secret in it.
    private var location: String {
        guard let location = fields[.location] else { return "nowhere" }
        return OneLine.printable(location.utf8.prefix { $0 != UInt8(ascii: "?") })
    }
}

extension CollectorAnswer: CustomStringConvertible {
    /// The status, and what the body says of it on its first line.
    var description: String {
        let line = OneLine.printable(reason)
        return line.isEmpty ? statusLine : "\(statusLine): \(line)"
    }

    /// The message of an error of OTLP (`google.rpc.Status`), or the body as it is.
    private var reason: [UInt8] {
        guard fields[.contentType]?.lowercased().hasPrefix("application/x-protobuf") == true,
            let status = try? RPCStatus(decoding: body), !status.message.isEmpty
        else { return body }
        return Array(status.message.utf8)
    }
}
