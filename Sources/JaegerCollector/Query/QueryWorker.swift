import HTTPTypes
import SpoorHTTP
import SpoorNetworking

/// The threads that search and make answers: two at the most, so that queries leave a core to ingest, and as many waiting
/// parts as a pool keeps.
///
/// Queries are cut into parts of some milliseconds, which wait in one queue: a short query is not behind a whole long one.
struct QueryWorker: Sendable {
    private let pool: BlockingPool

    init(pool: BlockingPool = BlockingPool(threadsMax: 2)) {
        self.pool = pool
    }

    /// Runs a part of a query.
    ///
    /// - Throws: `CancellationError` when the client has left; ``QueryError`` (503) when too many parts wait.
    func run<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success
    ) async throws -> Success {
        try Task.checkCancellation()
        do {
            return try await pool.run(work)
        } catch is BlockingPool.Refusal {
            throw QueryError(
                "too many queries are under way, try again later", status: .serviceUnavailable,
                fields: [.retryAfter: "1"])
        }
    }

    /// Makes the next piece of an answer.
    func next<Pieces: AnswerPieces>(of pieces: inout Pieces) async throws -> [UInt8] {
        let made = try await run { [pieces] in
            var pieces = pieces
            let piece = pieces.next()
            return (piece, pieces)
        }
        pieces = made.1
        return made.0
    }
}
