import HTTPTypes
import Logging
import Spoor

/// Copies of the snippets of Documentation/Middleware.md, which tests run.
///
/// `SnippetCopyTests` compares the copies with the page, without line breaks and comments at the ends of lines.
struct MiddlewareSnippets {
    func addGroup(to routes: inout Router) {
        routes.group([RequestTimeout(.seconds(300)), BodyLimit(maxBytes: 1 << 30)]) { routes in
            routes.post("/upload") { exchange in
                "\(try await exchange.body.collect(upTo: 1 << 30).count) bytes\n"
            }
        }
    }

    func selective() -> [any Middleware] {
        [
            AccessLog().unless(path: "/healthz", "/assets/{path...}"),
            RequestTimeout(.seconds(5)).when(path: "/admin/{path...}"),
            BodyLimit(maxBytes: 1 << 20).unless { $0.request.method == .put },
        ]
    }

    struct SecurityHeaders: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            exchange.response.headers[.xContentTypeOptions] = "nosniff"
            try await next(exchange)
        }
    }

    struct BearerAuthentication: Middleware {
        let token: String

        func intercept(_ exchange: Exchange, next: Next) async throws {
            guard let sent = try exchange.request.headers.authorization?.bearerToken,
                ConstantTime.areEqual(sent, token)
            else {
                throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Bearer"])
            }
            try await next(exchange)
        }
    }

    /// Answers preflight requests and names the allowed origin in all responses.
    struct CORS: Middleware {
        let origin: String

        func intercept(_ exchange: Exchange, next: Next) async throws {
            exchange.response.headers[.accessControlAllowOrigin] = origin
            exchange.response.headers.append(.vary, "Origin")
            guard exchange.request.method == .options,
                exchange.request.headers.contains(.accessControlRequestMethod)
            else { return try await next(exchange) }
            exchange.response.headers[.accessControlAllowMethods] = "GET, POST, PUT, DELETE"
            exchange.response.headers[.accessControlAllowHeaders] = "Content-Type, Authorization"
            exchange.response.status = .noContent
        }
    }

    /// Rejects requests without a version, and logs the status of the others.
    struct APIVersion: SyncMiddleware {
        let observedSteps: ExchangeSteps = []

        func requestReceived(_ exchange: Exchange) throws -> Response? {
            guard let name = HTTPField.Name("API-Version"), exchange.request.headers.contains(name)
            else {
                throw HTTPError(.badRequest)
            }
            return nil
        }

        func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {
            Logger(label: "api").debug(
                "response", metadata: ["status": "\(conclusion.statusText ?? "-")"])
        }
    }

    /// Adds a checksum of each streamed response as a trailer.
    struct ChecksumTrailer: SyncMiddleware {
        let observedSteps: ExchangeSteps = .responseWillBeSent

        func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
            guard case .streamed = body.content else { return }
            body.transform(with: Checksum())
        }
    }

    struct Checksum: BodyTransform {
        private var sum: UInt32 = 0

        mutating func transform(_ input: Swift.Span<UInt8>, into output: inout BodyOutput) -> Int {
            for index in input.indices { sum = sum &* 31 &+ UInt32(input[index]) }
            output.append(input)
            return input.count
        }

        mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
            if let name = HTTPField.Name("X-Checksum") { trailers[name] = "\(sum)" }
            return true
        }
    }

    /// Serves `/old/…` as `/new/…`.
    struct PathRewrite: SyncMiddleware {
        let observedSteps: ExchangeSteps = []

        func requestReceived(_ exchange: Exchange) throws -> Response? {
            guard exchange.request.path.hasPrefix("/old/") else { return nil }
            var request = exchange.request
            request.path = "/new/" + request.path.dropFirst(5)
            try exchange.replaceRequest(with: request)
            return nil
        }
    }

    struct User: Sendable {
        var name: String
    }

    /// The key under which the user is stored on the exchange.
    enum UserKey: ExchangeKey {
        typealias Value = User
    }

    struct Authentication: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            exchange[UserKey.self] = User(name: "ada")
            try await next(exchange)
        }
    }

    func addProfile(to routes: inout Router) {
        routes.get("/profile") { exchange in
            "You are \(exchange[UserKey.self]?.name ?? "nobody").\n"
        }
    }

    struct RequestIDs: Middleware {
        @TaskLocal static var current: String?

        static let metadata = Logger.MetadataProvider {
            current.map { ["request_id": "\($0)"] } ?? [:]
        }

        func intercept(_ exchange: Exchange, next: Next) async throws {
            let id = String(UInt64.random(in: 0 ... .max), radix: 16)
            exchange.response.headers["X-Request-ID"] = id
            try await Self.$current.withValue(id) { try await next(exchange) }
        }
    }
}
