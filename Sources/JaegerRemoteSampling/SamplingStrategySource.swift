import HTTPTypes
import JaegerTracing
import SpoorClient
import SpoorHTTP
import SpoorText
import SpoorTLS

/// Where a ``RemoteSampler`` asks what to do.
public protocol SamplingStrategySource: Sendable {
    /// Asks once, and returns the answer: JSON as Jaeger's `GET /sampling` gives it.
    ///
    /// It should give up by itself after some seconds, and at once when its task is cancelled.
    func strategy(of serviceName: String) async throws -> [UInt8]

    /// Gives back what the source holds; it is not asked again.
    func close() async
}

extension SamplingStrategySource {
    /// Does nothing.
    public func close() async {}
}

/// Asks a sampling endpoint over HTTP: `GET ENDPOINT?service=NAME`.
///
/// The client is the sampler's own and has no middleware: its requests are never traced.
struct HTTPStrategySource: SamplingStrategySource {
    /// What keeps an endpoint from being followed.
    struct Refused: Error, CustomStringConvertible {
        let status: Int
        var description: String { "the endpoint answered \(status)" }
    }

    /// The greatest answer that is read: room for a strategy of 10 000 operations.
    static let maxAnswerBytes = 1 << 20

    private let client: HTTPClient
    private let endpoint: String
    private let headers: Headers
    private let timeout: Duration

    init(
        endpoint: String, headers: Headers = Headers(),
        tls: TLSClientConfiguration = TLSClientConfiguration(), timeout: Duration
    ) {
        var limits = ClientLimits()
        limits.maxCollectedBodyBytes = Self.maxAnswerBytes
        limits.connectTimeout = timeout
        limits.readTimeout = timeout
        client = HTTPClient(limits: limits, tls: tls)
        self.endpoint = endpoint
        self.headers = headers
        self.timeout = timeout
    }

    func strategy(of serviceName: String) async throws -> [UInt8] {
        let answer = try await client.send(
            HTTPClientRequest(
                .get, Self.url(endpoint, serviceName), headers: headers, timeout: timeout))
        guard answer.status == .ok else { throw Refused(status: answer.status.code) }
        return answer.body
    }

    func close() async {
        await client.shutdown()
    }

    /// The endpoint with the service as the last item of its query.
    static func url(_ endpoint: String, _ serviceName: String) -> String {
        let url = endpoint.prefix { $0 != "#" }
        let separator = url.contains("?") ? "&" : "?"
        return "\(url)\(separator)service=\(PercentEncoding.unreserved.encode(serviceName))"
    }
}
