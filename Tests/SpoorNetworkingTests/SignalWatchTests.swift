import Glibc
import Testing

@testable import SpoorNetworking

@Suite(.timeLimit(.minutes(1)), .serialized) struct SignalWatchTests {
    @Test func `a signal reaches the waiting task, again and again`() async throws {
        let loop = EventLoopGroup.shared.next()
        let watch = try SignalWatch(for: [SIGUSR1, SIGUSR2], on: loop)
        #expect(throws: SystemError(code: EBUSY, call: "sigaction")) {
            try SignalWatch(for: [SIGUSR2], on: loop)
        }
        for signal in [SIGUSR1, SIGUSR2, SIGUSR1] {
            kill(getpid(), signal)
            #expect(await watch.next() == signal)
        }
        watch.close()
        #expect(await watch.next() == nil)
        let again = try SignalWatch(for: [SIGUSR1, SIGUSR2], on: loop)
        again.close()
    }

    @Test func `a cancelled task stops waiting`() async throws {
        let watch = try SignalWatch(for: [SIGHUP], on: EventLoopGroup.shared.next())
        let waiting = Task { await watch.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        watch.close()
    }

    @Test func `a closed watch gives the signal back`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let watch = try SignalWatch(on: EventLoopGroup.shared.next())
            kill(getpid(), SIGTERM)
            let signal = await watch.next()
            precondition(signal == SIGTERM)
            watch.close()
            let none = await watch.next()
            precondition(none == nil)
            kill(getpid(), SIGTERM)
            pause()
        }
    }
}
