import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import Synchronization
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct ConnectionInfoTests {
    /// Records what a client middleware sees of its connection.
    private final class Seen: ClientMiddleware {
        let peers = Mutex<[ConnectionInfo.Endpoint]>([])

        func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {
            try await next(exchange)
            if let peer = exchange.peer { peers.withLock { $0.append(peer) } }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a connection in process has no addresses, one over a socket has both`(mode: TestMode)
        async throws
    {
        let handler = SyncHandler { exchange in
            let (peer, local) = (exchange.connection.peer, exchange.connection.local)
            return "\(peer == .none) \(local == .none) \(peer) \(local)"
        }
        let seen = Seen()
        try await withTestClient(over: mode, handler: handler, clientMiddleware: [seen]) { client in
            let text = try await client.get("/").text
            let peers = seen.peers.withLock { $0 }
            #expect(peers.count == 1)
            if mode == .inProcess {
                #expect(text == "true true - -")
                #expect(peers == [.none])
            } else {
                #expect(text.hasPrefix("false false 127.0.0.1:"))
                #expect(peers != [.none])
            }
        }
    }
}
