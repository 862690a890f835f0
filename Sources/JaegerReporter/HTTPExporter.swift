import HTTPTypes
import JaegerTracing
import SpoorClient
import SpoorHTTP
import SpoorNetworking

/// Sends the body of a batch to a collector: the reporter's border with the network.
protocol SpanExporter: Sendable {
    /// Sends a body, once; returns ``ExportResult/cancelled`` soon after its task is cancelled.
    func export(_ body: ExportBody) async -> ExportResult

    /// Releases what the exporter holds.
    func shutdown() async
}

/// Posts bodies to an endpoint over HTTP.
///
/// The client is the reporter's own and has no middleware: the reporter never traces itself.
struct HTTPExporter: SpanExporter {
    /// How much of a response is read: enough for the first line of an error, or for a `partial_success`.
    private static let maxResponseBytes = 16 << 10

    private let client: HTTPClient
    private let endpoint: CollectorEndpoint
    private let timeout: Duration

    init(_ endpoint: CollectorEndpoint, limits: ReporterLimits) {
        client = HTTPClient(limits: Self.clientLimits(limits), tls: endpoint.tls)
        self.endpoint = endpoint
        timeout = limits.exportTimeout
    }

    /// What the client has to keep to.
    static func clientLimits(_ limits: ReporterLimits) -> ClientLimits {
        var clientLimits = ClientLimits()
        // A kept connection may die just as a batch is posted. A span that comes twice does no harm; one lost does.
        clientLimits.retriesNonIdempotentRequests = true
        clientLimits.maxConnectionAge = limits.maxConnectionAge
        clientLimits.idleTimeout = limits.maxConnectionAge
        // One time-out bounds the whole exchange; none of its parts may end it before.
        clientLimits.requestTimeout = limits.exportTimeout
        clientLimits.connectTimeout = limits.exportTimeout
        clientLimits.readTimeout = limits.exportTimeout
        return clientLimits
    }

    func export(_ body: ExportBody) async -> ExportResult {
        var provided = Headers()
        if let provider = endpoint.headerProvider {
            switch await TimeLimited.run(within: timeout, provider) {
            case .success(let headers): provided = headers
            case .failure(.cancelled): return .cancelled
            case .failure(let failure):
                return .retryable("header provider failed: \(failure)")
            }
        }
        let headers = ExportHeaders(endpoint, provided: provided, body: body)
        do {
            let response = try await post(body, headers.headers)
            return response.result(for: endpoint.format).redacted(by: headers)
        } catch {
            return Self.result(of: error)
        }
    }

    func shutdown() async {
        await client.shutdown()
    }

    private func post(_ body: ExportBody, _ headers: Headers) async throws -> CollectorResponse {
        let request = HTTPClientRequest(
            .post, endpoint.url, headers: headers, body: .bytes(body.bytes), timeout: timeout)
        return try await client.withResponse(to: request) { response in
            var collected = CollectorResponse(
                status: response.status.code, headers: response.headers)
            do {
                while collected.body.count < Self.maxResponseBytes,
                    let piece = try await response.next()
                {
                    collected.body += piece
                }
            } catch {
                // Status and fields have said what becomes of the batch, and the body's part that came may say why. If it
                // was taken, to send it again would double it.
                if Task.isCancelled, response.status.kind != .successful { throw error }
            }
            return collected
        }
    }

    /// What it means that there was no response.
    private static func result(of error: any Error) -> ExportResult {
        switch error as? ClientError {
        case .shutDown, .cancelled: .cancelled
        // These fail the same way for ever: the URL or a header is wrong, or what answers does not speak HTTP/1.1.
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .protocolFault: .failure("\(error)")
        default: .retryable("\(error)")
        }
    }
}

extension ExportResult {
    fileprivate func redacted(by headers: ExportHeaders) -> ExportResult {
        switch self {
        case .success(let rejected, let warning):
            .success(rejectedSpans: rejected, warning: warning.map(headers.redacted))
        case .failure(let reason): .failure(headers.redacted(reason))
        case .retryable(let reason, let retryAfter):
            .retryable(headers.redacted(reason), retryAfter: retryAfter)
        case .cancelled: .cancelled
        }
    }
}

/// The header fields of one attempt, and which words of them must not be repeated in a log.
struct ExportHeaders: Sendable {
    private(set) var headers: Headers
    private let secrets: [String]

    /// Puts together what the endpoint has, what its provider gave, and what the body needs; the later wins.
    init(_ endpoint: CollectorEndpoint, provided: Headers, body: ExportBody) {
        headers = endpoint.headers
        if let authorization = endpoint.authorization {
            headers[.authorization] = authorization.fieldValue
        }
        headers.replace(with: provided)
        secrets = headers.flatMap { field in
            [field.value] + field.value.split(separator: " ").dropFirst().map(String.init)
        }.filter { $0.utf8.count >= 4 }
        if headers[.userAgent] == nil { headers[.userAgent] = "Spoor/" + SpoorVersion.current }
        headers[.contentType] = endpoint.format.contentType
        // Without compression there is no field at all: real collectors answer `identity` with 400.
        headers[.contentEncoding] = body.isGzip ? "gzip" : nil
    }

    /// The text, unless it repeats a secret.
    func redacted(_ reason: String) -> String {
        guard secrets.contains(where: reason.contains) else { return reason }
        return "the collector's response repeats a header of the request, and is not shown"
    }
}

/// Runs what may hang or ignore its cancellation: the caller continues in time, whatever becomes of the work.
enum TimeLimited {
    /// Why there is no value.
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// The time was up.
        case timedOut
        /// The work threw an error of that type; what it says may be secret.
        case threw(type: String)
        /// The waiting task was cancelled.
        case cancelled

        var description: String {
            switch self {
            case .timedOut: "it took too long"
            case .threw(let type): "it threw a \(type)"
            case .cancelled: "cancelled"
            }
        }
    }

    /// What the work returns, or why it returned nothing in time.
    static func run<Value: Sendable>(
        within timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, Failure> {
        // The first result counts.
        let (results, continuation) = AsyncStream.makeStream(
            of: Result<Value, Failure>.self, bufferingPolicy: .bufferingOldest(1))
        let working = Task {
            do {
                continuation.yield(.success(try await work()))
            } catch {
                continuation.yield(.failure(.threw(type: "\(type(of: error))")))
            }
        }
        let timer = Task {
            try await ContinuousClock().sleep(for: timeout.upToADay)
            continuation.yield(.failure(.timedOut))
        }
        defer {
            working.cancel()
            timer.cancel()
        }
        for await result in results { return result }
        return .failure(.cancelled)
    }
}
