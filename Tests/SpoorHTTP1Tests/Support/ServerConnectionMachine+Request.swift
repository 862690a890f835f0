import HTTPTypes
import SpoorHTTP

@testable import SpoorHTTP1

extension ServerConnectionMachine {
    /// Receives a request's head.
    mutating func receive(
        _ request: borrowing Request, options: ConnectionOptions, expectsContinue: Bool
    ) -> Action {
        receive(
            RequestTraits(
                version: request.version, method: request.knownMethod,
                bodyLength: request.bodyLength, options: options, expectsContinue: expectsContinue))
    }

    /// Starts a response, on a server that does not close the connection.
    mutating func startResponse(
        _ status: HTTPResponse.Status, bodyLength: Int?, headers: Headers, closes: Bool = false,
        limits: HTTP1Limits = HTTP1Limits()
    ) -> MessageFraming {
        startResponse(
            status, bodyLength: bodyLength, headers: headers, maxDrainBytes: limits.maxDrainBytes,
            closes: closes)
    }

    /// Ends the response, and returns from the handler.
    mutating func end() -> Action {
        _ = handle(.responseSent)
        return handle(.handlerReturned)
    }
}
