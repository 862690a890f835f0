import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTLS
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@testable import SpoorClient

/// The state of a connection after a request over it was cancelled: the next request must not be affected.
@Suite(.finishes(within: .seconds(120))) struct CancellationTests {
    private static let hello = HTTPClientTests.hello

    /// Blocks an event loop's thread, so that concurrent events are handled in one iteration of it.
    private final class Hold: Sendable {
        private let holding = Gate()
        private let isReleased = Atomic(false)

        /// Returns when the loop's thread is blocked.
        func take(_ loop: EventLoop) async throws {
            loop.execute { [self] in
                holding.open()
                while !isReleased.load(ordering: .sequentiallyConsistent) { sched_yield() }
            }
            try await holding.wait()
        }

        func release() {
            isReleased.store(true, ordering: .sequentiallyConsistent)
        }
    }

    @Test(arguments: [HTTPRequest.Method.get, .post])
    func `a request cancelled while its response arrives leaves the connection unchanged`(
        method: HTTPRequest.Method
    ) async throws {
        let requested = Gate()
        let allowed = Gate()
        let responded = Gate()
        let server = try ScriptedServer { peer async throws in
            while try await peer.readRequest() != nil {
                requested.admit()
                try await allowed.wait()
                try await peer.send(Self.hello)
                responded.admit()
            }
        }
        let loops = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(limits: .withLongTimeouts, loops: loops)
        for _ in 0..<5 {
            let hold = Hold()
            let url = server.url()
            let cancelled = Task { try await client.execute(HTTPClientRequest(.get, url)) }
            try await requested.wait()
            // The response and the cancellation arrive in one iteration of the client's loop.
            try await hold.take(loops.next())
            allowed.admit()
            try await responded.wait()
            cancelled.cancel()
            hold.release()
            _ = await cancelled.result
            allowed.admit()
            #expect(try await client.execute(HTTPClientRequest(method, url)).text == "hello")
            try await requested.wait()
            try await responded.wait()
        }
        #expect(server.requests.count == 10)
        #expect(client.counters.resends == 0)
        await client.shutdown()
        await loops.shutdown()
        try await server.stop()
    }

    @Test(arguments: [false, true])
    func `each of ten thousand requests among cancelled ones is executed once`(
        isSecure: Bool
    ) async throws {
        let authority = try TestCertificateAuthority()
        let executed = Mutex([String: Int]())
        var routes = Router()
        routes.get("/") { _ in "hello" }
        routes.post("/{id}") { exchange in
            let id = exchange.parameters["id"] ?? ""
            executed.withLock { $0[id, default: 0] += 1 }
            return id
        }
        let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
        let place = BindAddress.loopback(port: 0)
        let loops = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            limits: .withLongTimeouts,
            tls: TLSClientConfiguration(trustRoots: authority.trustRoots),
            loops: loops)
        let (taskCount, requestCount) = (32, 10_000)
        let failures = try await withServer(
            at: isSecure ? place.tls(tls) : place, handler: routes
        ) { address, _ in
            let url = "\(isSecure ? "https" : "http")://\(address)/"
            return await withTaskGroup(of: [String].self) { tasks in
                for number in 0..<taskCount {
                    tasks.addTask {
                        await Self.run(
                            requestCount / taskCount + (number < requestCount % taskCount ? 1 : 0),
                            task: number, to: url, with: client)
                    }
                }
                return await tasks.reduce(into: []) { $0 += $1 }
            }
        }
        await client.shutdown()
        await loops.shutdown()
        #expect(failures == [])
        #expect(executed.withLock { $0.count } == requestCount)
        #expect(executed.withLock { $0.values.allSatisfy { $0 == 1 } })
        #expect(client.counters.resends == 0)
    }

    /// Sends POST requests, with races of two GET requests between them whose loser is cancelled; returns the
    /// failures.
    private static func run(
        _ count: Int, task: Int, to url: String, with client: HTTPClient
    ) async -> [String] {
        var generator = SeededGenerator(seed: UInt64(task))
        var failures: [String] = []
        for number in 0..<count {
            if Int.random(in: 0..<8, using: &generator) == 0 {
                await withTaskGroup(of: Void.self) { race in
                    for _ in 0..<2 {
                        race.addTask { _ = try? await client.execute(HTTPClientRequest(.get, url)) }
                    }
                    await race.next()
                    race.cancelAll()
                }
            }
            let id = "\(task)-\(number)"
            do {
                let response = try await client.execute(HTTPClientRequest(.post, url + id))
                if response.text != id { failures.append("\(id): \(response.status)") }
            } catch {
                failures.append("\(id): \(error)")
            }
        }
        return failures
    }
}
