import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@testable import JaegerRemoteSampling

@Suite(.finishes(within: .seconds(60))) struct HTTPStrategySourceTests {
    private func ask(
        _ path: String, service: String = "svc", _ handler: some Handler
    ) async throws -> [UInt8] {
        try await withServer(handler: handler) { address, _ in
            let source = HTTPStrategySource(
                endpoint: "http://\(address)\(path)", timeout: .seconds(3600))
            do {
                let response = try await source.strategy(of: service)
                await source.shutdown()
                return response
            } catch {
                await source.shutdown()
                throw error
            }
        }
    }

    @Test(
        arguments: [
            ("/sampling", "svc", "/sampling?service=svc"),
            ("/api/sampling?x=1", "a b&c=ü", "/api/sampling?x=1&service=a%20b%26c%3D%C3%BC"),
            ("/?service=", "svc", "/?service=&service=svc"),
            ("/sampling#f", "svc", "/sampling?service=svc"),
        ])
    func `the service is a query parameter`(path: String, service: String, target: String) {
        #expect(HTTPStrategySource.url(path, service) == target)
    }

    @Test func `a response is received over loopback, and the request has no trace headers`()
        async throws
    {
        let seen = Mutex<[String]>([])
        var routes = Router()
        routes.get("/sampling") { exchange in
            let headers = exchange.request.headers
            let trace = headers[.init("uber-trace-id")!] ?? headers[.init("traceparent")!] ?? "none"
            seen.withLock { $0.append("\(exchange.request.target) \(trace)") }
            return Response(text: #"{"probabilisticSampling":{"samplingRate":0.5}}"#)
        }
        let received = try await ask("/sampling", service: "my svc", routes)
        #expect(try SamplingStrategy(response: received) == .probabilistic(rate: 0.5))
        #expect(seen.withLock { $0 } == ["/sampling?service=my%20svc none"])
    }

    @Test func `configured headers are sent`() async throws {
        var routes = Router()
        routes.get("/sampling") { exchange in
            Response(text: exchange.request.headers[.authorization] ?? "none")
        }
        try await withServer(handler: routes) { address, _ in
            let source = HTTPStrategySource(
                endpoint: "http://\(address)/sampling", headers: [.authorization: "Bearer t"],
                timeout: .seconds(3600))
            let response = try await source.strategy(of: "svc")
            #expect(String(decoding: response, as: UTF8.self) == "Bearer t")
            await source.shutdown()
        }
    }

    @Test func `another status than 200 is a failure`() async {
        var routes = Router()
        routes.get("/sampling") { _ in
            Response(status: .created, text: #"{"probabilisticSampling":{"samplingRate":0.5}}"#)
        }
        let handler = routes
        await #expect(throws: HTTPStrategySource.UnexpectedStatus.self) { () async throws in
            try await ask("/sampling", handler)
        }
    }

    @Test func `an endless response is not read completely`() async {
        var routes = Router()
        routes.get("/sampling") { _ in
            Response(
                bytes: [UInt8](repeating: 0x20, count: HTTPStrategySource.maxResponseBytes + 1))
        }
        let handler = routes
        await #expect(throws: (any Error).self) { () async throws in
            try await ask("/sampling", handler)
        }
    }

    @Test func `a pending request is cancelled immediately`() async throws {
        let asked = Gate()
        let cancelled = Gate()
        var routes = Router()
        routes.get("/sampling") { _ in
            asked.open()
            await cancelled.openWhenCancelled()
            return Response(text: "")
        }
        try await withServer(handler: routes) { address, server in
            let sampler = RemoteSampler(
                serviceName: "svc", endpoint: "http://\(address)/sampling",
                initial: ConstSampler(true), timeout: .seconds(3600))
            try await asked.wait()
            sampler.shutdown()
            await sampler.stopped()
            // The request was cancelled before its timeout, and none follows.
            try await cancelled.wait()
            #expect(await server.counters.requests == 1)
        }
    }
}
