import SpoorNetworking

/// Runs what may hang or ignore its cancellation: whoever waits goes on in time, whatever becomes of the work.
enum TimeLimited {
    /// Why there is no value.
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// The time was up.
        case timedOut
        /// The work threw an error of that type; what it says may be secret.
        case threw(type: String)
        /// The waiting task was cancelled.
        case cancelled

        var description: String {
            switch self {
            case .timedOut: "it took too long"
            case .threw(let type): "it threw a \(type)"
            case .cancelled: "cancelled"
            }
        }
    }

    /// What the work returns, or why it returned nothing in time.
    static func run<Value: Sendable>(
        within timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, Failure> {
        // The first that is told counts.
        let (results, told) = AsyncStream.makeStream(
            of: Result<Value, Failure>.self, bufferingPolicy: .bufferingOldest(1))
        let working = Task {
            do {
                told.yield(.success(try await work()))
            } catch {
                told.yield(.failure(.threw(type: "\(type(of: error))")))
            }
        }
        let alarm = Task {
            try await ContinuousClock().sleep(for: timeout.upToADay)
            told.yield(.failure(.timedOut))
        }
        defer {
            working.cancel()
            alarm.cancel()
        }
        for await result in results { return result }
        return .failure(.cancelled)
    }
}
