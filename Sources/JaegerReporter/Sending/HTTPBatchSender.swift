import HTTPTypes
import SpoorClient
import SpoorHTTP

/// Posts bodies to an endpoint and judges the answers.
///
/// The client is the reporter's own and has no middleware: the reporter never traces itself.
struct HTTPBatchSender: BatchSender {
    /// How much of an answer is read: enough for the first line of an error, or for a `partial_success`.
    private static let answerBytesMax = 16 << 10

    private let client: HTTPClient
    private let endpoint: CollectorEndpoint
    private let timeout: Duration

    init(_ endpoint: CollectorEndpoint, limits: ReporterLimits) {
        client = HTTPClient(limits: Self.clientLimits(limits), tls: endpoint.tls)
        self.endpoint = endpoint
        timeout = limits.sendTimeout
    }

    /// What the client has to keep to.
    static func clientLimits(_ limits: ReporterLimits) -> ClientLimits {
        var clientLimits = ClientLimits()
        // A kept connection may die just as a batch is posted. A span that comes twice does no harm; one lost does.
        clientLimits.resendsAnyMethod = true
        clientLimits.connectionAgeMax = limits.connectionAgeMax
        clientLimits.idleTimeout = limits.connectionAgeMax
        // One time-out bounds the whole exchange; none of its parts may end it before.
        clientLimits.totalTimeout = limits.sendTimeout
        clientLimits.connectTimeout = limits.sendTimeout
        clientLimits.silenceTimeout = limits.sendTimeout
        return clientLimits
    }

    func send(_ body: BatchBody) async -> Verdict {
        var provided = Fields()
        if let provider = endpoint.headerProvider {
            switch await TimeLimited.run(within: timeout, provider) {
            case .success(let fields): provided = fields
            case .failure(.cancelled): return .cancelled
            case .failure(let failure):
                return .unavailable("the header provider gave nothing: \(failure)")
            }
        }
        let headers = EndpointHeaders(endpoint, provided: provided, body: body)
        do {
            let answer = try await post(body, headers.fields)
            return answer.verdict(on: endpoint.format).redacted(by: headers)
        } catch {
            return Self.verdict(on: error)
        }
    }

    func close() async {
        await client.shutdown()
    }

    private func post(_ body: BatchBody, _ fields: Fields) async throws -> CollectorAnswer {
        let request = ClientRequest(
            .post, endpoint.url, fields: fields, body: .bytes(body.bytes), timeout: timeout)
        return try await client.withResponse(to: request) { response in
            var answer = CollectorAnswer(
                status: response.status.code, fields: response.fields)
            do {
                while answer.body.count < Self.answerBytesMax, let piece = try await response.next()
                {
                    answer.body += piece
                }
            } catch {
                // Status and fields have said what becomes of the batch, and the body's part that came may say why. If it
                // was taken, to send it again would double it.
                if Task.isCancelled, response.status.kind != .successful { throw error }
            }
            return answer
        }
    }

    /// What it means that there was no answer.
    private static func verdict(on error: any Error) -> Verdict {
        switch error as? ClientError {
        case .shutDown, .cancelled: .cancelled
        // These fail the same way for ever: the URL or a header is wrong, or what answers does not speak HTTP/1.1.
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .protocolFault: .refused("\(error)")
        default: .unavailable("\(error)")
        }
    }
}

extension Verdict {
    fileprivate func redacted(by headers: EndpointHeaders) -> Verdict {
        switch self {
        case .accepted(let refused, let warning):
            .accepted(refusedSpans: refused, warning: warning.map(headers.redacted))
        case .refused(let reason): .refused(headers.redacted(reason))
        case .unavailable(let reason, let retryAfter):
            .unavailable(headers.redacted(reason), retryAfter: retryAfter)
        case .cancelled: .cancelled
        }
    }
}
