import SpoorNetworking
import TestSupport
import Testing

@testable import SpoorServer

@Suite(.finishes(within: .seconds(60))) struct ListenerBinderTests {
    @Test(
        arguments: [
            (.loopback(port: 0), false), (.host("::1", port: 0), false), (.any(port: 0), true),
            (.host("0.0.0.0", port: 0), true), (.unix(path: "spoor-binder-test.socket"), false),
        ] as [(BindAddress, Bool)])
    func `knows which addresses are reached over a network`(
        address: BindAddress, isFar: Bool
    ) async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let found = try await loop.run {
            let bound = try ListenerBinder(loops: [loop]).bind(to: address).joined()
            defer { for each in bound { each.listener.close() } }
            return bound.map(\.reach)
        }
        await group.shutdown()
        #expect(found == [isFar ? .network : .local])
    }
}
