import JaegerReporter
import Synchronization

/// A sampling endpoint that gives the answers of a script, then fails; or that never answers.
final class ScriptedSource: SamplingStrategySource {
    struct NoMore: Error {}

    private let answers: Mutex<[String?]>
    private let hangs: Bool
    private let services = Mutex<[String]>([])
    private let (closings, closing) = AsyncStream.makeStream(of: Void.self)
    private let (questions, asking) = AsyncStream.makeStream(of: Void.self)

    /// Makes a source; nil is a question that fails.
    init(_ answers: [String?] = [], hangs: Bool = false) {
        self.answers = Mutex(answers)
        self.hangs = hangs
    }

    /// The services that were asked for.
    var askedFor: [String] { services.withLock { $0 } }

    /// Returns when a question has come.
    func asked() async {
        for await _ in questions { break }
    }

    /// Returns when the source is closed.
    func closed() async {
        for await _ in closings { break }
    }

    func strategy(of serviceName: String) async throws -> [UInt8] {
        services.withLock { $0.append(serviceName) }
        asking.yield()
        if hangs {
            // Ends when the task is cancelled, for no other reason.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            throw CancellationError()
        }
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let answer else { throw NoMore() }
        return Array(answer.utf8)
    }

    func close() async {
        closing.yield()
    }
}

/// A pause that lasts until the test ends it.
final class PauseGate: Sendable {
    private let (entries, entering) = AsyncStream.makeStream(of: Void.self)
    private let (releases, releasing) = AsyncStream.makeStream(of: Void.self)

    func pause() async throws {
        entering.yield()
        for await _ in releases { return }
        throw CancellationError()
    }

    /// Returns when the pause has begun.
    func begun() async {
        for await _ in entries { break }
    }

    func end() {
        releasing.yield()
    }
}
