package import JaegerTracing

/// The reason why a backend rejected a request: `google.rpc.Status`, the body of 4xx and 5xx responses of OTLP/HTTP.
///
/// Source: OpenTelemetry Protocol specification, "OTLP/HTTP Response", "Failures".
package struct RPCStatus: Hashable, Sendable {
    /// The kind of error (`google.rpc.Code`).
    package enum Code: UInt64, Sendable {
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case permissionDenied = 7
        case resourceExhausted = 8
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case unauthenticated = 16

        /// Creates the code that corresponds to an HTTP status.
        package init(httpStatus: Int) {
            self =
                switch httpStatus {
                case 401: .unauthenticated
                case 403, 421: .permissionDenied
                case 404: .notFound
                case 405, 501, 505: .unimplemented
                case 408, 504: .deadlineExceeded
                case 413, 429, 431: .resourceExhausted
                case 502, 503: .unavailable
                case 400..<500: .invalidArgument
                case 500...: .internal
                default: .unknown
                }
        }
    }

    /// The number of the code; unknown numbers may be received.
    package var code: UInt64
    /// The description for developers.
    package var message: String

    /// Creates a status.
    package init(_ code: Code, _ message: String) {
        self.code = code.rawValue
        self.message = message
    }

    /// Decodes the body of a response.
    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        code = 0
        message = ""
        var status = ProtobufReader(bytes)
        while let field = try status.field() {
            switch (field.number, field.type) {
            case (1, .varint): code = try status.varint()
            case (2, .lengthDelimited): message = try status.string()
            default: try status.skip(field.type)
            }
        }
    }

    /// The encoded status.
    package var bytes: [UInt8] {
        let byteCount =
            ProtobufSize.optional(varint: code) + ProtobufSize.optional(string: message)
        return [UInt8](capacity: byteCount) { output in
            output.append(field: 1, optionalVarint: code)
            output.append(field: 2, optionalString: message)
        }
    }
}
