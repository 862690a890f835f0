import HTTPTypes
import SpoorHTTP
import SpoorNetworking
import Synchronization

/// The threads that search and those that create responses: at most two of each, so that a list of services never waits
/// for searches.
///
/// Queries are split into parts of some milliseconds, which wait in one queue, so a short query does not wait for a
/// whole long one. The number of concurrent queries is limited, because each may hold a decoded trace until its client
/// has received it.
final class QueryWorker: Sendable {
    private let searchPool: BlockingPool
    private let responsePool: BlockingPool
    private let maxQueries: Int
    private let queryCount = Atomic(0)

    /// Creates a worker.
    ///
    /// - Parameters:
    ///   - maxQueries: The maximum number of concurrent queries; further ones are rejected.
    ///   - searchPool: The threads that search traces.
    ///   - responsePool: The threads that create responses.
    init(
        maxQueries: Int = 64,
        searchPool: BlockingPool = BlockingPool(name: "search", maxThreads: 2),
        responsePool: BlockingPool = BlockingPool(name: "responses", maxThreads: 2)
    ) {
        self.maxQueries = maxQueries
        self.searchPool = searchPool
        self.responsePool = responsePool
    }

    /// Counts a query that starts; ``leave()`` must follow unless this throws.
    ///
    /// - Throws: ``QueryError`` (503) if there are too many queries.
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
    /// - Throws: `CancellationError` if the client has disconnected; ``QueryError`` (503) if too many parts wait.
    func search<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success
    ) async throws -> Success {
        try await Self.run(work, on: searchPool)
    }

    /// Creates a response or a part of it.
    ///
    /// - Throws: The errors of ``search(_:)``.
    func createResponse<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success
    ) async throws -> Success {
        try await Self.run(work, on: responsePool)
    }

    private static func run<Success: Sendable>(
        _ work: @escaping @Sendable () -> Success, on pool: BlockingPool
    ) async throws -> Success {
        try Task.checkCancellation()
        do {
            return try await pool.run(work)
        } catch is BlockingPool.Rejection {
            throw tooMany
        }
    }

    private static let tooMany = QueryError(
        "too many concurrent queries, try again later", status: .serviceUnavailable,
        headers: [.retryAfter: "1"])

    /// Returns the next piece of a response.
    func next<Pieces: ResponsePieces>(of pieces: inout Pieces) async throws -> [UInt8] {
        let made = try await createResponse { [pieces] in
            var pieces = pieces
            let piece = pieces.next()
            return (piece, pieces)
        }
        pieces = made.1
        return made.0
    }
}
