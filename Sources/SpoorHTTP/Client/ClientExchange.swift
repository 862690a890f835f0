public import HTTPTypes

/// One outgoing request and its answer, while they happen; what client middlewares see.
public final class ClientExchange {
    /// The request; a middleware may change it before it calls `next`.
    public var request: ClientRequest
    /// The status of the answer; nil until its head has come.
    public package(set) var status: HTTPResponse.Status?
    /// The fields of the answer; empty until its head has come.
    public package(set) var responseFields = Fields()
    /// The version of HTTP that the answer's head speaks; nil until it has come.
    public package(set) var responseVersion: Request.Version?
    /// The other end of the connection that was used; nil until there is one.
    public package(set) var peer: ConnectionInfo.Endpoint?
    /// How often the request was sent again because a kept connection had died.
    public package(set) var resendCount = 0
    /// How many bytes of body came, without framing.
    public package(set) var bodyBytesReceived = 0

    package init(request: ClientRequest) {
        self.request = request
    }
}
