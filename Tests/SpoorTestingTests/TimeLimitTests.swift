import SpoorTesting
import TestSupport
import Testing

@Suite struct TimeLimitTests {
    @Test func `work that ends in time is not affected`() async {
        let value = await withTimeLimit(.seconds(3600)) {
            await Task.yield()
            return 7
        }
        #expect(value == 7)
        #expect(!Task.isCancelled)
    }

    @Test(arguments: 0..<20)
    func `work that hangs is cancelled, and the test fails`(round: Int) async throws {
        let never = Gate()
        await withKnownIssue {
            await #expect(throws: CancellationError.self) {
                try await withTimeLimit(.milliseconds(1)) { try await never.wait() }
            }
        } matching: { issue in
            issue.comments.contains { $0.rawValue.hasPrefix("not finished within") }
        }
        #expect(never.arrivals == 1)
    }

    @Test func `the process ends if work ignores its cancellation`() async {
        let ended = Gate()
        await withKnownIssue {
            await withTimeLimit(
                .milliseconds(1), grace: .milliseconds(1), giveUp: { _ in ended.open() }
            ) {
                await Task { try? await ended.wait() }.value
            }
        } matching: { issue in
            issue.comments.contains { $0.rawValue.hasPrefix("not finished within") }
        }
        #expect(ended.isOpen)
    }

    @Test func `errors are rethrown`() async {
        struct Thrown: Error {}
        await #expect(throws: Thrown.self) {
            try await withTimeLimit(.seconds(3600)) { throw Thrown() }
        }
    }
}
