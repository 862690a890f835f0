import Spoor
import TestSupport

/// Asking a collector for traces, as its page does.
extension QueriedTrace {
    /// Asks a collector's query API for traces.
    static func fetch(_ query: String, from collector: String) async throws -> [QueriedTrace] {
        let response = try await HTTPClient().execute(
            HTTPClientRequest(.get, "\(collector)/api/traces?\(query)"))
        return try decode(response.body)
    }
}
