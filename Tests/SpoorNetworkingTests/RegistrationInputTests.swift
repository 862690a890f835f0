import Testing

@testable import SpoorNetworking

/// Every state of a descriptor's input with every event.
@Suite struct RegistrationInputTests {
    private typealias Input = Registration.Input

    private static let states: [Input] = [.drained, .readable, .peerClosed, .hungUp]

    @Test func `edges only add to what is known`() {
        #expect(Self.states.map { $0.after(.writable) } == Self.states)
        #expect(
            Self.states.map { $0.after(.readable) } == [.readable, .readable, .peerClosed, .hungUp])
        #expect(
            Self.states.map { $0.after([.readable, .writable]) }
                == [.readable, .readable, .peerClosed, .hungUp])
        for readiness: Epoll.Readiness in [.peerClosedWriting, [.readable, .peerClosedWriting]] {
            #expect(
                Self.states.map { $0.after(readiness) }
                    == [.peerClosed, .peerClosed, .peerClosed, .hungUp])
        }
        for readiness: Epoll.Readiness in [.hungUp, .failed, [.peerClosedWriting, .hungUp]] {
            #expect(
                Self.states.map { $0.after(readiness) } == [.hungUp, .hungUp, .hungUp, .hungUp])
        }
    }

    @Test func `a read drains the input, except its end`() {
        #expect(
            Self.states.map(\.afterDraining) == [.drained, .drained, .peerClosed, .hungUp])
        #expect(
            Self.states.map(\.afterEndOfStream) == [.peerClosed, .peerClosed, .peerClosed, .hungUp])
    }
}
