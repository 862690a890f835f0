import Testing

@testable import SpoorServer

@Suite struct ConnectionDriverTests {
    @Test func `the state of a session holds no reference`() {
        #expect(_isPOD(ConnectionDriver.Session.self))
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
