import Testing

@testable import SpoorNetworking

/// Every state of a descriptor's input with every event.
@Suite struct RegistrationInputTests {
    private typealias Input = Registration.Input

    private static let states: [Input] = [.drained, .readable, .peerClosed, .hungUp]

    private static func after(_ event: (inout Input) -> Void) -> [Input] {
        states.map { state in
            var state = state
            event(&state)
            return state
        }
    }

    @Test func `edges only add to what is known`() {
        #expect(Self.after { $0.became(.writable) } == Self.states)
        #expect(
            Self.after { $0.became(.readable) } == [.readable, .readable, .peerClosed, .hungUp])
        #expect(
            Self.after { $0.became([.readable, .writable]) }
                == [.readable, .readable, .peerClosed, .hungUp])
        for readiness: Epoll.Readiness in [.peerClosedWriting, [.readable, .peerClosedWriting]] {
            #expect(
                Self.after { $0.became(readiness) }
                    == [.peerClosed, .peerClosed, .peerClosed, .hungUp])
        }
        for readiness: Epoll.Readiness in [.hungUp, .failed, [.peerClosedWriting, .hungUp]] {
            #expect(Self.after { $0.became(readiness) } == [.hungUp, .hungUp, .hungUp, .hungUp])
        }
    }

    @Test func `a read drains the input, except its end`() {
        #expect(
            Self.after { $0.noteDrained() } == [.drained, .drained, .peerClosed, .hungUp])
        #expect(
            Self.after { $0.noteEndOfStream() } == [.peerClosed, .peerClosed, .peerClosed, .hungUp])
    }
}
