import Synchronization

/// How many bytes of another protocol than HTTP a connection has carried, readable from any thread.
///
/// The wire's own thread adds to it; the exchange keeps it when the wire is gone.
package final class DuplexCounts: Sendable {
    private let receivedBytes = Atomic(0)
    private let sentBytes = Atomic(0)

    /// Bytes that the handler was given.
    package var received: Int { receivedBytes.load(ordering: .relaxed) }
    /// Bytes that the kernel has taken.
    package var sent: Int { sentBytes.load(ordering: .relaxed) }

    package init() {}

    /// Adds bytes that the handler was given.
    package func addReceived(_ count: Int) {
        receivedBytes.wrappingAdd(count, ordering: .relaxed)
    }

    /// Adds bytes that the kernel has taken.
    package func addSent(_ count: Int) {
        sentBytes.wrappingAdd(count, ordering: .relaxed)
    }
}
