import JaegerTracing
import Synchronization

/// A throttler that allows a number of traces and records the operation names.
final class CountedThrottler: DebugThrottler {
    private let state: Mutex<(left: Int, names: [String])>

    init(_ allowedCount: Int) { state = Mutex((allowedCount, [])) }

    var operationNames: [String] { state.withLock { $0.names } }

    func isAllowed(operationName: String) -> Bool {
        state.withLock { state in
            state.names.append(operationName)
            state.left -= 1
            return state.left >= 0
        }
    }
}
