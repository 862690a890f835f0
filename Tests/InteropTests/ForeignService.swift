import HTTPTypes
import Spoor
import SpoorTesting
import TestSupport
import Testing

/// A server in Python that runs as a separate process during a closure.
///
/// It sends its address to a server of the test, and stops on request, see `Python/announced.py`.
enum ForeignService {
    /// Runs a script of the folder `Python` with arguments, and `body` with the URL that it serves.
    static func run<Result>(
        _ script: String, _ arguments: [String],
        _ body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let (urls, announced) = AsyncStream.makeStream(of: String.self)
        var routes = Router()
        routes.post("/ready") { exchange in
            let url = try await exchange.body.collect(upTo: 1024)
            announced.yield(String(decoding: url, as: UTF8.self))
            return HTTPResponse.Status.noContent
        }
        return try await withServer(handler: routes) { address, _ in
            let words =
                ["timeout", "--kill-after=5", "240", ForeignClient.python]
                + [ForeignClient.root + "Tests/InteropTests/Python/" + script]
                + ["http://\(address)/ready"] + arguments
            let command = words.map { "'\($0)'" }.joined(separator: " ")
            let process = Task {
                // A process may end before it has sent its address.
                defer { announced.finish() }
                // Not on a thread of the pool that the tasks of the servers may need.
                return try await BlockingPool.shared.run {
                    try #require(runShellCommand(command + " 2>&1"))
                }
            }
            guard let url = await urls.first(where: { _ in true }) else {
                let output = try await process.value.output
                throw Failure(words: String(decoding: output, as: UTF8.self))
            }
            let result: Result
            do {
                result = try await body(url)
            } catch {
                _ = try? await HTTPClient().execute(HTTPClientRequest(.post, url + "/close"))
                throw error
            }
            let response = try await HTTPClient().execute(HTTPClientRequest(.post, url + "/close"))
            #expect(response.status == .noContent)
            let (status, output) = try await process.value
            #expect(status == 0, "\(command): \(String(decoding: output, as: UTF8.self))")
            return result
        }
    }

    /// The error of a service that did not start.
    struct Failure: Error {
        let words: String
    }
}
