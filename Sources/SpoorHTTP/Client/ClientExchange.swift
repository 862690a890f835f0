public import HTTPTypes

/// One outgoing request and its response while they are in progress, as client middlewares see it.
public final class ClientExchange {
    /// The request; a middleware may change it before it calls `next`.
    ///
    /// A change after that has no effect, unless `next` is called once more; it is logged at debug level.
    public var request: HTTPClientRequest {
        didSet { if requestUse == .sent { requestUse = .changedAfterwards } }
    }
    /// Whether ``request`` was sent in its current form.
    package private(set) var requestUse = RequestUse.unsent
    /// The status of the response; nil until its head was received.
    public package(set) var status: HTTPResponse.Status?
    /// The headers of the response; empty until its head was received.
    public package(set) var responseHeaders = Headers()
    /// The HTTP version of the response; nil until its head was received.
    public package(set) var responseVersion: Request.Version?
    /// The remote address of the connection that is used; nil until there is one.
    public package(set) var peer: ConnectionInfo.Endpoint?
    /// The number of times the request was sent again because a pooled connection had been closed.
    public package(set) var resendCount = 0
    /// The number of body bytes received, without framing.
    public package(set) var bodyBytesReceived = 0

    /// The state of the request of a client exchange.
    package enum RequestUse: Sendable {
        /// Not sent.
        case unsent
        /// Sent in its current form.
        case sent
        /// Changed after it was sent.
        case changedAfterwards
    }

    package init(request: HTTPClientRequest) {
        self.request = request
    }

    /// Records that the request is sent in its current form.
    package func markSent() {
        requestUse = .sent
    }
}
