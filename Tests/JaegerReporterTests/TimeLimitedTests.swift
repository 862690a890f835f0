import SpoorTesting
import TestSupport
import Testing

@testable import JaegerReporter

@Suite(.finishes(within: .seconds(60))) struct TimeLimitedTests {
    private struct Secretive: Error {}

    @Test func `a value within the timeout is returned`() async {
        #expect(await TimeLimited.run(within: .seconds(3600)) { 7 } == .success(7))
        #expect(await TimeLimited.run(within: .seconds(Int64.max)) { 7 } == .success(7))
    }

    @Test func `only the type of an error is reported`() async {
        let result = await TimeLimited.run(within: .seconds(3600)) { () async throws -> Int in
            throw Secretive()
        }
        #expect(result == .failure(.threw(type: "Secretive")))
    }

    @Test func `callers do not wait for work that hangs`() async {
        let never = Gate()
        let result = await TimeLimited.run(within: .milliseconds(1)) {
            // Ignores cancellation, as some libraries do.
            await Task.detached { () -> Void in try? await never.wait() }.value
        }
        #expect(result.map { 1 } == .failure(.timedOut))
        never.open()
    }

    @Test func `a cancelled caller does not wait`() async {
        let never = Gate()
        let waiting = Task {
            await TimeLimited.run(within: .seconds(3600)) {
                await Task.detached { () -> Void in try? await never.wait() }.value
                return 1
            }
        }
        waiting.cancel()
        #expect(await waiting.value == .failure(.cancelled))
        never.open()
    }
}
