import HTTPTypes
import JaegerTracing
import SpoorClient
import SpoorHTTP
import SpoorNetworking

/// Sends encoded batches to a collector; the boundary between the reporter and the network.
protocol SpanExporter: Sendable {
    /// Sends a body once; returns ``ExportResult/cancelled`` soon after its task is cancelled.
    func export(_ body: ExportBody) async -> ExportResult

    /// Releases the resources of the exporter.
    func shutdown() async
}

/// Posts bodies to an endpoint over HTTP.
///
/// It has a separate client without middlewares, so that the reporter never traces itself.
struct HTTPExporter: SpanExporter {
    /// The maximum number of response bytes that are read: enough for the first line of an error, or for a
    /// `partial_success`.
    private static let maxResponseBytes = 16 << 10

    private let client: HTTPClient
    /// The event loop that exports run on: an exchange of a task on another thread would change threads for each of its
    /// steps.
    private let loop = EventLoopGroup.shared.next()
    private let endpoint: CollectorEndpoint
    private let timeout: Duration

    init(_ endpoint: CollectorEndpoint, limits: ReporterLimits) {
        client = HTTPClient(limits: Self.clientLimits(limits), tls: endpoint.tls)
        self.endpoint = endpoint
        timeout = limits.exportTimeout
    }

    /// Returns the limits of the client.
    static func clientLimits(_ limits: ReporterLimits) -> ClientLimits {
        var clientLimits = ClientLimits()
        // A persistent connection may be closed just as a batch is posted. A duplicate span is harmless, a lost one is
        // not.
        clientLimits.retriesNonIdempotentRequests = true
        clientLimits.maxConnectionAge = limits.maxConnectionAge
        clientLimits.idleTimeout = limits.maxConnectionAge
        // One timeout limits the whole exchange; no partial timeout may be shorter.
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
            let response = try await loop.run { try await post(body, headers.merged) }
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
                // Status and headers determine the result, and the part of the body that was received may contain the
                // reason. Retrying a batch that was accepted would duplicate it.
                if Task.isCancelled, response.status.kind != .successful { throw error }
            }
            return collected
        }
    }

    /// Returns the result of an attempt without a response.
    private static func result(of error: any Error) -> ExportResult {
        switch error as? ClientError {
        case .shutDown, .cancelled: .cancelled
        // These errors are permanent: the URL or a header is invalid, or the server does not speak HTTP/1.1.
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

/// The headers of one attempt, with the secrets that must not be logged.
struct ExportHeaders: Sendable {
    private(set) var merged: Headers
    private let secrets: [String]

    /// Merges the headers of the endpoint, of its provider and of the body; the later ones win.
    init(_ endpoint: CollectorEndpoint, provided: Headers, body: ExportBody) {
        merged = endpoint.headers
        if let authorization = endpoint.authorization {
            merged[.authorization] = authorization.headerValue
        }
        merged.replace(with: provided)
        secrets = merged.flatMap { header in
            [header.value] + header.value.split(separator: " ").dropFirst().map(String.init)
        }.filter { $0.utf8.count >= 4 }
        if merged[.userAgent] == nil { merged[.userAgent] = "Spoor/" + SpoorVersion.current }
        merged[.contentType] = endpoint.format.contentType
        // Without compression the header is absent: some collectors reject `identity` with 400.
        merged[.contentEncoding] = body.isGzip ? "gzip" : nil
    }

    /// Returns the text, unless it contains a secret.
    func redacted(_ reason: String) -> String {
        guard secrets.contains(where: reason.contains) else { return reason }
        return "the collector's response contains a header of the request and is not shown"
    }
}

/// Runs work that may hang or ignore cancellation with a timeout, after which the caller continues.
enum TimeLimited {
    /// The reason why there is no value.
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// The timeout expired.
        case timedOut
        /// The work threw an error of that type; its description may be secret.
        case threw(type: String)
        /// The waiting task was cancelled.
        case cancelled

        var description: String {
            switch self {
            case .timedOut: "timed out"
            case .threw(let type): "threw an error of type \(type)"
            case .cancelled: "cancelled"
            }
        }
    }

    /// Returns the value of the work, or the reason why there is none within the timeout.
    static func run<Value: Sendable>(
        within timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, Failure> {
        // Only the first result is used.
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
