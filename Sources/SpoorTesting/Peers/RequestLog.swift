import Synchronization

/// The requests that the connections of one server have read, in the order in which they were complete.
final class RequestLog: Sendable {
    private let requests = Mutex<[String]>([])

    var all: [String] { requests.withLock { $0 } }

    func add(_ request: String) {
        requests.withLock { $0.append(request) }
    }
}
