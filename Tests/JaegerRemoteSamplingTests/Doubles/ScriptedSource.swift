import JaegerRemoteSampling
import SpoorTesting
import Synchronization

/// A sampling endpoint that gives the answers of a script, then fails; or that never answers.
final class ScriptedSource: SamplingStrategySource {
    struct NoMore: Error {}

    private let answers: Mutex<[String?]>
    private let hangs: Bool
    private let services = Mutex<[String]>([])
    private let closings = Gate()
    private let questions = Gate()

    /// Makes a source; nil is a question that fails.
    init(_ answers: [String?] = [], hangs: Bool = false) {
        self.answers = Mutex(answers)
        self.hangs = hangs
    }

    /// The services that were asked for.
    var askedFor: [String] { services.withLock { $0 } }

    /// Returns when a question has come, once for each.
    func asked() async throws {
        try await questions.wait()
    }

    /// Returns when the source is closed.
    func closed() async throws {
        try await closings.wait()
    }

    func strategy(of serviceName: String) async throws -> [UInt8] {
        services.withLock { $0.append(serviceName) }
        questions.admit()
        // Ends when the task is cancelled, for no other reason.
        if hangs { try await Gate().wait() }
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let answer else { throw NoMore() }
        return Array(answer.utf8)
    }

    func close() async {
        closings.open()
    }
}

/// Pauses, each of which lasts until the test ends it.
final class PauseGate: Sendable {
    private let entries = Gate()
    private let releases = Gate()

    func pause() async throws {
        entries.admit()
        try await releases.wait()
    }

    /// Returns when a pause has begun, once for each.
    func begun() async throws {
        try await entries.wait()
    }

    func end() {
        releases.admit()
    }
}
