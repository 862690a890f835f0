import Testing

@testable import SpoorNetworking

@Suite(.timeLimit(.minutes(10))) struct HostResolverTests {
    @Test(arguments: ["localhost", "LocalHost.", "api.localhost"])
    func `localhost needs no look-up`(name: String) {
        let addresses = HostResolver.addressesWithoutLookUp(of: name, port: 80)
        #expect(addresses?.map(\.description) == ["127.0.0.1:80", "[::1]:80"])
    }

    @Test func `numbers need no look-up, other names do`() {
        #expect(
            HostResolver.addressesWithoutLookUp(of: "::1", port: 80)?.map(\.description)
                == ["[::1]:80"])
        #expect(HostResolver.addressesWithoutLookUp(of: "localhost.example", port: 80) == nil)
    }

    @Test func `a name that does not exist fails, off the loop`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        await #expect(throws: HostResolver.Failure.self) {
            try await Task(executorPreference: loop) { () async throws in
                try await HostResolver().addresses(
                    of: "no-such-host.invalid", port: 1, on: loop, until: .never)
            }.value
        }
        await group.shutdown()
    }

    @Test func `a deadline ends the wait for a name`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        await #expect(throws: HostResolver.Failure.self) {
            try await Task(executorPreference: loop) { () async throws in
                // Whichever comes first, nobody waits longer than the deadline.
                try await HostResolver().addresses(
                    of: "another-host.invalid", port: 1, on: loop, until: loop.now)
            }.value
        }
        await group.shutdown()
    }
}
