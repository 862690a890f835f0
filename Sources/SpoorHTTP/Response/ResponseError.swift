public import HTTPTypes

/// An error that knows the response it should become; any other becomes a 500 without details.
public protocol ResponseError: Error {
    /// The response that the peer gets, if its head is not out yet; 500 if it is made without a status.
    func response() -> Response
}

/// The usual error of a handler: a status, and a message that the peer may read.
public struct HTTPError: ResponseError, CustomStringConvertible {
    /// The status of the response.
    public var status: HTTPResponse.Status
    /// The body of the response, as plain text; the status in words if nil.
    public var message: String?
    /// Fields of the response.
    public var fields: Fields

    /// Makes an error to throw from a handler or a middleware.
    public init(
        _ status: HTTPResponse.Status, _ message: String? = nil, fields: Fields = Fields()
    ) {
        self.status = status
        self.message = message
        self.fields = fields
    }

    /// The response that the peer gets.
    public func response() -> Response {
        Response(status: status, fields: fields, text: (message ?? status.text) + "\n")
    }

    /// The status, and the message if there is one; a message that begins with the status stands alone.
    public var description: String {
        guard let message else { return status.text }
        return message.hasPrefix(status.text) ? message : "\(status.text): \(message)"
    }
}

/// The one place that turns a thrown error into a response.
package func response(for error: any Error) -> Response {
    // The client has left, or the server has no more time for the request: no fault of the handler's.
    if Task.isCancelled, isCancellation(error) {
        return HTTPError(.serviceUnavailable, fields: [.connection: "close"]).response()
    }
    if let error = error as? any ResponseError { return error.response() }
    return HTTPError(.internalServerError).response()
}

/// Whether an error says only that the task was cancelled, its own or that of a request that it had sent.
private func isCancellation(_ error: any Error) -> Bool {
    error is CancellationError || (error as? any ClassifiedError)?.interruption == .cancelled
}
