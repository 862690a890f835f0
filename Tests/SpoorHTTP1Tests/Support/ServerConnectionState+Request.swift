import SpoorHTTP

@testable import SpoorHTTP1

extension ServerConnectionState {
    /// A request's head has come.
    mutating func begin(
        _ request: borrowing Request, options: ConnectionOptions, expectsContinue: Bool
    ) {
        begin(
            version: request.version, method: request.knownMethod, bodyLength: request.bodyLength,
            options: options, expectsContinue: expectsContinue)
    }
}
