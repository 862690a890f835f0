import HTTPTypes
import SpoorHTTP
import SpoorNetworking
import Synchronization

/// The threads that search, and those that make answers: two of each at the most, so that a list of services never waits
/// behind searches.
///
/// Queries are cut into parts of some milliseconds, which wait in one queue: a short query is not behind a whole long one.
/// How many queries are under way at once is bounded, because each may hold a decoded trace until its client has taken it.
final class QueryWorker: Sendable {
    private let searchPool: BlockingPool
    private let answerPool: BlockingPool
    private let maxQueries: Int
    private let queryCount = Atomic(0)

    /// Makes a worker.
    ///
    /// - Parameters:
    ///   - maxQueries: How many queries may be under way at once; further ones are refused.
    ///   - searchPool: The threads that look through traces.
    ///   - answerPool: The threads that make answers.
    init(
        maxQueries: Int = 64,
        searchPool: BlockingPool = BlockingPool(name: "search", maxThreads: 2),
        answerPool: BlockingPool = BlockingPool(name: "answers", maxThreads: 2)
    ) {
        self.maxQueries = maxQueries
        self.searchPool = searchPool
        self.answerPool = answerPool
    }

    /// Counts a query that begins; ``leave()`` must follow unless this throws.
    ///
    /// - Throws: ``QueryError`` (503) when too many are under way.
    func enter() throws(QueryError) {
        guard queryCount.add(1, ordering: .relaxed).newValue <= maxQueries else {
            leave()
            throw Self.tooMany
        }
    }

    /// Counts a query that has ended.
    func leave() {
        queryCount.subtract(1, ordering: .relaxed)
    }

    /// Runs a part of a search.
    ///
    /// - Throws: `CancellationError` when the client has left; ``QueryError`` (503) when too many parts wait.
    func search<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success
    ) async throws -> Success {
        try await Self.run(work, on: searchPool)
    }

    /// Runs what makes an answer or a part of it.
    ///
    /// - Throws: As ``search(_:)``.
    func answer<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success
    ) async throws -> Success {
        try await Self.run(work, on: answerPool)
    }

    private static func run<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success, on pool: BlockingPool
    ) async throws -> Success {
        try Task.checkCancellation()
        do {
            return try await pool.run(work)
        } catch is BlockingPool.Refusal {
            throw tooMany
        }
    }

    private static let tooMany = QueryError(
        "too many queries are under way, try again later", status: .serviceUnavailable,
        headers: [.retryAfter: "1"])

    /// Makes the next piece of an answer.
    func next<Pieces: AnswerPieces>(of pieces: inout Pieces) async throws -> [UInt8] {
        let made = try await answer { [pieces] in
            var pieces = pieces
            let piece = pieces.next()
            return (piece, pieces)
        }
        pieces = made.1
        return made.0
    }
}
