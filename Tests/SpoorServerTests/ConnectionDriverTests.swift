import SpoorHTTP
import SpoorHTTP1
import SpoorText
import TestSupport
import Testing

@testable import SpoorServer

@Suite struct ConnectionDriverTests {
    @Test func `the state of a session holds no reference`() {
        #expect(_isPOD(ExchangeWorkspace.Session.self))
    }

    @Test func `a pool keeps a limited number of unused workspaces`() {
        var pool = WorkspacePool()
        var used: [TaskConfined<ExchangeWorkspace>] = []
        for _ in 0..<257 { used.append(TaskConfined(ExchangeWorkspace(limits: HTTP1Limits()))) }
        let kept = used.map { pool.keep($0) }
        #expect(kept == Array(repeating: true, count: 256) + [false])
        used[256].deallocate()
        let reused = pool.take()
        #expect(reused?.value.exchange === used[255].value.exchange)
        reused?.deallocate()
        pool.deallocate()
    }

    @Test func `an exchange that is returned does not keep its connection`() async {
        let exchange = Exchange()
        weak var connection: RecordingTransport?
        do {
            let transport = RecordingTransport()
            connection = transport
            exchange.attach(to: transport)
            #expect(exchange.wireIfOnEventLoop != nil)
            exchange.detach()
        }
        #expect(connection == nil && exchange.wireIfOnEventLoop == nil)
        #expect(!exchange.isServerShuttingDown)
        await #expect(throws: CancellationError.self) { try await exchange.response.flush() }
    }

    @Test func `a connection's task has an address and can be cancelled`() async {
        let task = Task {
            let own = ConnectionTask.current
            let wasCancelled = Task.isCancelled
            own.cancel()
            return (own.address, ConnectionTask.current.address, wasCancelled, Task.isCancelled)
        }
        let (first, second, wasCancelled, isCancelled) = await task.value
        #expect(first != 0 && first == second)
        #expect(!wasCancelled && isCancelled)
    }
}
