import HTTPTypes
import SpoorClient
import SpoorHTTP

/// Posts batches to a collector's `POST /api/traces` as `application/x-thrift`.
///
/// The client is the reporter's own and has no middleware: the reporter never traces itself.
struct HTTPBatchSender: BatchSender {
    private let client: HTTPClient
    private let endpoint: String
    private let timeout: Duration

    init(endpoint: String, timeout: Duration) {
        var limits = ClientLimits()
        // A kept connection may die just as a batch is posted. A span that comes twice does no harm; one lost does.
        limits.resendsAnyMethod = true
        client = HTTPClient(limits: limits)
        self.endpoint = endpoint
        self.timeout = timeout
    }

    func send(_ body: [UInt8]) async -> SendOutcome {
        let request = ClientRequest(
            .post, endpoint, fields: [.contentType: "application/x-thrift"], body: .bytes(body),
            timeout: timeout)
        do {
            let answer = try await client.send(request)
            return SendOutcome.judge(status: answer.status.code, body: answer.body)
        } catch {
            return .undeliverable("\(error)")
        }
    }

    func close() async {
        await client.shutdown()
    }
}
