import FoundationEssentials
import HTTPTypes
import JaegerOTLP
import Logging
import SpoorHTTP
import SpoorMiddleware
import TestSupport

@testable import JaegerCollector

/// A collector without sockets: its routes on one store, with a wall clock that does not advance.
struct InProcessCollector {
    struct Response {
        let status: Int
        let text: String
        let bytes: [UInt8]
        let contentType: String?
        let headers: Headers
        /// The size of the largest piece in which the body was sent.
        let longestPiece: Int

        /// The message of a rejection: of `google.rpc.Status` in protobuf, else the line of text.
        var reason: String {
            guard contentType == "application/x-protobuf" else {
                return text.hasSuffix("\n") ? String(text.dropLast()) : text
            }
            return (try? RPCStatus(decoding: bytes).message) ?? text
        }

        /// Returns the decoded response of the query API.
        func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(text.utf8))
        }
    }

    static let nowNanoseconds: UInt64 = 1_700_000_600_000_000_000

    let store: TraceStore
    private let routes: CollectorRoutes

    init(limits: StoreLimits = StoreLimits(), maxBodyBytes: Int = 20 << 20) {
        store = TraceStore(limits: limits)
        routes = CollectorRoutes(
            store: store, maxBodyBytes: maxBodyBytes,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Self.nowNanoseconds })
    }

    func get(_ target: String) async throws -> Response {
        try await respond(to: .stub(.get, target), body: [], from: routes.query)
    }

    func post(
        _ body: [UInt8], contentType: String? = "application/x-thrift",
        method: HTTPRequest.Method = .post, target: String = "/api/traces",
        headers: [String: String] = [:]
    ) async throws -> Response {
        var headers = headers
        headers["Content-Type"] = contentType
        let request = Request.stub(
            method, target, headers: headers.asHeaders, bodyLength: .bytes(body.count))
        return try await respond(to: request, body: body, from: routes.ingest)
    }

    private func respond(
        to request: Request, body: [UInt8], from router: Router
    ) async throws -> Response {
        let middle = body.count / 2
        let transport = RecordingTransport(
            requestBody: body.isEmpty ? [] : [Array(body[..<middle]), Array(body[middle...])])
        let exchange = Exchange.stub(request, over: transport)
        try await MiddlewareChain(handler: router).run(exchange)
        return Response(
            status: exchange.response.status.code, text: transport.text,
            bytes: transport.body,
            contentType: transport.contentType ?? exchange.response.headers[.contentType],
            headers: exchange.response.headers, longestPiece: transport.longestPiece)
    }
}

/// The files of golden data.
enum Golden {
    /// Returns a file of this target's Golden/.
    static func text(_ name: String) throws -> String {
        String(decoding: try bytes("JaegerCollectorTests/Golden/\(name)"), as: UTF8.self)
    }

    /// Returns a body that a real client sent.
    static func body(_ name: String) throws -> [UInt8] {
        try bytes("JaegerThriftTests/Golden/\(name).body")
    }

    /// Returns what OpenTelemetry's Python exporter sent.
    static func otlpBody() throws -> [UInt8] {
        try bytes("JaegerOTLPTests/Golden/otlp-proto-1.body")
    }

    /// Returns the same, compressed by the exporter.
    static func gzippedOTLPBody() throws -> [UInt8] {
        try bytes("JaegerOTLPTests/Golden/otlp-proto-gzip-1.body")
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: tests.appending(path: path)))
    }
}
