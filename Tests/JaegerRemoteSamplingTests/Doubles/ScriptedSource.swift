import JaegerRemoteSampling
import SpoorTesting
import Synchronization

/// A sampling endpoint that returns scripted responses, then fails; or never responds.
final class ScriptedSource: SamplingStrategySource {
    struct NoMore: Error {}

    private let responses: Mutex<[String?]>
    private let hangs: Bool
    private let services = Mutex<[String]>([])
    private let closings = Gate()
    private let polls = Gate()

    /// Creates a source; nil is a request that fails.
    init(_ responses: [String?] = [], hangs: Bool = false) {
        self.responses = Mutex(responses)
        self.hangs = hangs
    }

    /// The requested services.
    var askedFor: [String] { services.withLock { $0 } }

    /// Returns when a request has been received, once for each.
    func asked() async throws {
        try await polls.wait()
    }

    /// Returns when the source is closed.
    func stopped() async throws {
        try await closings.wait()
    }

    func strategy(of serviceName: String) async throws -> [UInt8] {
        services.withLock { $0.append(serviceName) }
        polls.admit()
        // Ends only when the task is cancelled.
        if hangs { try await Gate().wait() }
        let response = responses.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let response else { throw NoMore() }
        return Array(response.utf8)
    }

    func shutdown() async {
        closings.open()
    }
}

/// Delays that last until the test ends them.
final class PauseGate: Sendable {
    private let entries = Gate()
    private let releases = Gate()

    func pause() async throws {
        entries.admit()
        try await releases.wait()
    }

    /// Returns when a delay has started, once for each.
    func begun() async throws {
        try await entries.wait()
    }

    func end() {
        releases.admit()
    }
}
