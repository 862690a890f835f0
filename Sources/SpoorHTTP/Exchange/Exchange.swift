package import HTTPTypes

/// One request and its response, while they happen.
///
/// An exchange belongs to its connection's task and is used again for the next request: it must not
/// be kept, which the compiler sees to (it is not Sendable). What a handler wants to keep, such as
/// ``request``, is a value.
public final class Exchange {
    /// The head of the request.
    public package(set) var request = Request()
    /// Who is connected to whom.
    public package(set) var connection = ConnectionInfo.unknown
    /// The template of the route that was chosen, such as `/hello/{name}`.
    ///
    /// Nil before routing and when no route matched. Fit to name spans and metrics: it has few values.
    public package(set) var route: String?

    package var parameterNames: [String] = []
    package var parameterRanges: [Range<Int>] = []
    package var trailers = Fields()

    package var responseStatus = HTTPResponse.Status.ok
    package var responseFields = Fields()
    package var phase = ResponsePhase.open
    package var bodyBytesSent = 0
    package var failure: (any Error)?

    private var attachments: [(key: ObjectIdentifier, value: Any)] = []

    /// The wire under the exchange; set by whoever drives it.
    package unowned var transport: any ExchangeTransport

    package init(transport: any ExchangeTransport) {
        self.transport = transport
    }

    /// What the route's placeholders stand for in this request.
    public var parameters: RouteParameters {
        RouteParameters(names: parameterNames, ranges: parameterRanges, bytes: request.fields.bytes)
    }

    /// The body of the request, to be read once.
    public var body: RequestBody { RequestBody(exchange: self) }

    /// The response: its head until it is sent, then its body.
    public var response: ResponseWriter { ResponseWriter(exchange: self) }

    /// A value that a middleware leaves for those further in (or out); nil until set.
    public subscript<Key: ExchangeKey>(key: Key.Type) -> Key.Value? {
        get {
            let id = ObjectIdentifier(key)
            return attachments.first { $0.key == id }?.value as? Key.Value
        }
        set {
            let id = ObjectIdentifier(key)
            attachments.removeAll { $0.key == id }
            if let newValue { attachments.append((id, newValue)) }
        }
    }

    /// Makes the exchange ready for the next request; memory is kept.
    package func reset() {
        request.fields.removeAll()
        request.bodyLength = .none
        route = nil
        if !parameterRanges.isEmpty { parameterRanges.removeAll(keepingCapacity: true) }
        if !trailers.isEmpty { trailers.removeAll() }
        responseStatus = .ok
        responseFields.removeAll()
        phase = .open
        bodyBytesSent = 0
        failure = nil
        if !attachments.isEmpty { attachments.removeAll(keepingCapacity: true) }
    }
}

/// A name under which a middleware leaves a value on the exchange.
public protocol ExchangeKey {
    /// The type of the value.
    associatedtype Value
}

/// How far a response has got.
package enum ResponsePhase: Sendable, Equatable {
    /// Nothing is sent; head fields can still be set.
    case open
    /// The head is out, the body is being written.
    case streaming
    /// The response has been sent whole.
    case complete
    /// The response broke off: the peer or the handler failed after the head was out.
    case aborted
}

// MARK: - Failure

extension Exchange {
    /// Keeps the first thing that went wrong, for whoever looks at the outcome further out.
    package func noteFailure(_ error: any Error) {
        if failure == nil { failure = error }
    }

    /// Forgets what was said of a representation that will not be sent, so that the error's own can be; fields of
    /// another kind, such as those that allow cross-origin requests, stay.
    package func discardRepresentation() {
        responseStatus = .ok
        for name: HTTPField.Name in [
            .contentType, .contentLength, .contentEncoding, .contentLanguage, .contentRange,
            .contentDisposition, .eTag, .lastModified, .cacheControl, .expires, .acceptRanges,
        ] { responseFields.remove(name) }
    }
}
