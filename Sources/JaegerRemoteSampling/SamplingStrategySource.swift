import HTTPTypes
import JaegerTracing
import SpoorClient
import SpoorHTTP
import SpoorText
import SpoorTLS

/// A source of sampling strategies for a ``RemoteSampler``.
public protocol SamplingStrategySource: Sendable {
    /// Requests the strategy once, and returns the response: JSON in the format of Jaeger's `GET /sampling`.
    ///
    /// It should time out after some seconds, and return immediately when its task is cancelled.
    func strategy(of serviceName: String) async throws -> [UInt8]

    /// Releases the resources of the source; it is not used afterwards.
    func shutdown() async
}

extension SamplingStrategySource {
    /// Does nothing.
    public func shutdown() async {}
}

/// Requests strategies from a sampling endpoint over HTTP: `GET ENDPOINT?service=NAME`.
///
/// It has a separate client without middlewares, so its requests are never traced.
struct HTTPStrategySource: SamplingStrategySource {
    /// The error of a response with another status than 200.
    struct UnexpectedStatus: Error, CustomStringConvertible {
        let status: Int
        var description: String { "the endpoint responded with \(status)" }
    }

    /// The maximum size of a response: room for a strategy of 10 000 operations.
    static let maxResponseBytes = 1 << 20

    private let client: HTTPClient
    private let endpoint: String
    private let headers: Headers
    private let timeout: Duration

    init(
        endpoint: String, headers: Headers = Headers(),
        tls: TLSClientConfiguration = TLSClientConfiguration(), timeout: Duration
    ) {
        var limits = ClientLimits()
        limits.maxCollectedBodyBytes = Self.maxResponseBytes
        limits.connectTimeout = timeout
        limits.readTimeout = timeout
        client = HTTPClient(limits: limits, tls: tls)
        self.endpoint = endpoint
        self.headers = headers
        self.timeout = timeout
    }

    func strategy(of serviceName: String) async throws -> [UInt8] {
        let response = try await client.execute(
            HTTPClientRequest(
                .get, Self.url(endpoint, serviceName), headers: headers, timeout: timeout))
        guard response.status == .ok else { throw UnexpectedStatus(status: response.status.code) }
        return response.body
    }

    func shutdown() async {
        await client.shutdown()
    }

    /// Returns the endpoint with the service as the last item of its query.
    static func url(_ endpoint: String, _ serviceName: String) -> String {
        let url = endpoint.prefix { $0 != "#" }
        let separator = url.contains("?") ? "&" : "?"
        return "\(url)\(separator)service=\(PercentEncoding.unreserved.encode(serviceName))"
    }
}
