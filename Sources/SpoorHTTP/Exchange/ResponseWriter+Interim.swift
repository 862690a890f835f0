public import HTTPTypes
import SpoorText

/// Interim responses: heads with a status of 1xx that are sent before the response (RFC 9110 §15.2).
extension ResponseWriter {
    /// Sends an interim response immediately, such as `103 Early Hints` (RFC 8297), before the final one.
    ///
    /// Nothing is sent to HTTP/1.0 clients, which do not support interim responses (RFC 9110 §15.2).
    ///
    /// - Parameters:
    ///   - status: 102 to 199. `100 Continue` is sent automatically when the body is read, and 101 by
    ///     ``Exchange/upgrade(to:headers:atShutdown:)``.
    ///   - headers: The headers of this head; those set on the exchange are sent with the final one.
    /// - Throws: ``ResponseStateError/headAlreadySent``, ``ResponseStateError/statusNotInterim``, or as ``send(_:)``.
    public func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers = Headers()
    ) async throws {
        try await exchange.onEventLoop { wire in
            guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
            guard (102..<200).contains(status.code) else {
                throw ResponseStateError.statusNotInterim
            }
            let progress = try wire.sendInterim(status, headers: headers, for: exchange)
            if progress == .mustDrain { try await wire.drain(for: exchange) }
        }
    }
}
