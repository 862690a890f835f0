import CSpoorLinux
import Glibc
import PeerSupport
import TestSupport
import Testing

@testable import SpoorNetworking

@Suite(.finishes(within: .seconds(60))) struct ListenerTests {
    @Test func `several loops share a port that the kernel chose`() async throws {
        let group = try EventLoopGroup(loopCount: 3)
        let listeners = try Listener.bind(to: .loopback(port: 0), onEach: group.loops)
        #expect(Set(listeners.map(\.address)).count == 1)
        #expect(listeners[0].address.port != 0)
        try await Self.exchange(count: 60, with: listeners)
        await group.shutdown()
    }

    @Test func `several loops share a Unix socket`() async throws {
        let group = try EventLoopGroup(loopCount: 3)
        let address = SocketAddress.unix(path: socketPath("shared"))
        let listeners = try Listener.bind(to: address, onEach: group.loops)
        try await Self.exchange(count: 60, with: listeners)
        await group.shutdown()
    }

    /// Connects `count` times and expects that one of the listeners accepts each connection.
    private static func exchange(count: Int, with listeners: [Listener]) async throws {
        let accepting = listeners.map { listener in
            Task(executorPreference: listener.loop) { () async throws -> Int in
                var accepted = 0
                while let stream = try await listener.accept() {
                    accepted += 1
                    #expect(listener.loop.isCurrent)
                    try await stream.write([1])
                    stream.close()
                }
                return accepted
            }
        }
        let address = listeners[0].address
        for _ in 0..<count {
            let response = try await withConnection(to: address) { try await $0.readToEnd() }
            #expect(response == [1])
        }
        var total = 0
        for (listener, task) in zip(listeners, accepting) {
            listener.loop.execute { listener.close() }
            total += try await task.value
        }
        #expect(total == count)
    }

    @Test(arguments: [false, true])
    func `a listener that leaves a shared port redirects to the other`(leaver isNewer: Bool)
        async throws
    {
        let group = try EventLoopGroup(loopCount: 2)
        var options = Listener.Options()
        options.sharesPort = true
        let older = try Listener.bind(
            to: .loopback(port: 0), onEach: group.loops, options: options)
        let newer = try Listener.bind(
            to: older[0].address, onEach: group.loops, options: options)
        let accepting = [older, newer].enumerated().flatMap { mark, listeners in
            listeners.map { listener in
                Task(executorPreference: listener.loop) { () async throws in
                    while let stream = try await listener.accept() {
                        try await stream.write([UInt8(mark)])
                        stream.close()
                    }
                }
            }
        }
        for listener in isNewer ? newer : older {
            await listener.loop.run { listener.redirectNewConnections() }
        }
        for _ in 0..<20 {
            let response = try await withConnection(to: older[0].address) {
                try await $0.readToEnd()
            }
            #expect(response == [isNewer ? 0 : 1])
        }
        for listener in older + newer { listener.loop.execute { listener.close() } }
        for task in accepting { try await task.value }
        await group.shutdown()
    }

    @Test func `a burst of connections is accepted completely`() async throws {
        let count = 300
        let seen = Counter()
        let server = try LoopbackServer { stream async throws in
            seen.add()
            _ = try await stream.readToEnd()
        }
        let address = server.address
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        try await Task(executorPreference: loop) { () async throws in
            let streams = try (0..<count).map { _ in try SocketStream.dial(address, on: loop) }
            for stream in streams {
                try await stream.finishConnecting(until: .never)
                try stream.shutdownWrite()
            }
            for stream in streams {
                #expect(try await stream.readToEnd() == [])
                stream.close()
            }
        }.value
        #expect(seen.value == count)
        await group.shutdown()
        try await server.stop()
    }

    @Test func `a dual-stack listener shows IPv4 peers by their IPv4 address`() async throws {
        let wildcard = SocketAddress(.ipv6(high: 0, low: 0, port: 0, scope: 0))
        let client = try await addressesOfClient(ofServerAt: wildcard) { server in
            .loopback(port: try #require(server.port))
        }
        #expect(client.peer == client.local)
    }

    @Test func `the address of another listener is rejected`() throws {
        let loop = EventLoopGroup.shared.next()
        let first = try Listener(at: .loopback(port: 0), on: loop)
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind")) {
            try Listener(at: first.address, on: loop)
        }
    }

    @Test func `a socket file without a listener is replaced, one with a listener is not`()
        async throws
    {
        let path = socketPath("stale")
        do {
            // The file that a dead process leaves.
            let dead = try FileDescriptor.streamSocket(for: .unix(path: path))
            try dead.bind(to: .unix(path: path))
        }
        let server = try LoopbackServer(at: .unix(path: path)) { try await $0.write([1]) }
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind")) {
            try Listener(at: .unix(path: path), on: server.loop)
        }
        let response = try await withConnection(to: server.address) { try await $0.readToEnd() }
        #expect(response == [1])
        try await server.stop()
        #expect(unsafe access(path, F_OK) != 0)
    }

    @Test func `a file that is not a socket is kept`() throws {
        let path = socketPath("file")
        let file = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
        defer {
            close(file)
            unsafe unlink(path)
        }
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind")) {
            try Listener(at: .unix(path: path), on: EventLoopGroup.shared.next())
        }
        #expect(unsafe access(path, F_OK) == 0)
    }

    @Test func `a path that is too long is rejected and not truncated`() throws {
        let path = "/" + String(repeating: "x", count: 107)
        #expect(throws: SystemError(code: ENAMETOOLONG, call: "bind")) {
            try Listener(at: .unix(path: path), on: EventLoopGroup.shared.next())
        }
    }

    @Test
    func `the listener recovers from a shortage of descriptors and serves the waiting connections`()
        async
    {
        // In a separate process, because the limit applies to the whole process.
        await #expect(processExitsWith: .success) {
            let server = try LoopbackServer { try await $0.write([1]) }
            let group = try EventLoopGroup(loopCount: 1)
            let loop = group.next()
            let address = server.address
            let response = try await Task(executorPreference: loop) { () async throws in
                let stream = try await SocketStream.connect(
                    to: address, on: loop, until: .never)
                _ = try await stream.readToEnd()

                // The client's socket takes the last descriptor, so that accept finds none.
                let waiting = try FileDescriptor.streamSocket(for: address)
                var limit = rlimit(rlim_cur: 0, rlim_max: 0)
                unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                var low = limit
                low.rlim_cur = 3
                unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
                _ = try waiting.connect(to: address)
                while await server.loop.run({ server.listener.shortageCount == 0 }) {
                    try await loop.sleep(for: .milliseconds(1))
                }
                unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                let late = try SocketStream(waiting.duplicate(), peer: address, on: loop)
                return try await late.readToEnd()
            }.value
            precondition(response == [1])
        }
    }
}
