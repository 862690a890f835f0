public import HTTPTypes

/// One outgoing request and its answer, while they happen; what client middlewares see.
public final class ClientExchange {
    /// The request; a middleware may change it before it calls `next`.
    ///
    /// A change after that has no effect, unless `next` is called once more; it is logged at debug level.
    public var request: HTTPClientRequest {
        didSet { if requestUse == .sent { requestUse = .changedAfterwards } }
    }
    /// Whether ``request`` is what was sent.
    package private(set) var requestUse = RequestUse.unsent
    /// The status of the answer; nil until its head has come.
    public package(set) var status: HTTPResponse.Status?
    /// The fields of the answer; empty until its head has come.
    public package(set) var responseHeaders = Headers()
    /// The version of HTTP that the answer's head speaks; nil until it has come.
    public package(set) var responseVersion: Request.Version?
    /// The other end of the connection that was used; nil until there is one.
    public package(set) var peer: ConnectionInfo.Endpoint?
    /// How often the request was sent again because a kept connection had died.
    public package(set) var resendCount = 0
    /// How many bytes of body came, without framing.
    public package(set) var bodyBytesReceived = 0

    /// What has become of the request of an exchange.
    package enum RequestUse: Sendable {
        /// It has not been sent.
        case unsent
        /// It has been sent as it is.
        case sent
        /// It has been changed since it was sent.
        case changedAfterwards
    }

    package init(request: HTTPClientRequest) {
        self.request = request
    }

    /// The request is sent as it is now.
    package func noteSending() {
        requestUse = .sent
    }
}
