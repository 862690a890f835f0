public import HTTPTypes
public import SpoorClient
public import SpoorHTTP

/// A whole response, for assertions.
public struct TestResponse: Sendable, Equatable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The headers of the response.
    public var headers: Headers
    /// The body, without framing.
    public var body: [UInt8]
    /// The trailers of a chunked body (RFC 9110 §6.5).
    public var trailers: Headers

    /// The body as text; invalid UTF-8 is repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of a header by its case-insensitive name, several values joined by commas; nil if there is none.
    public subscript(name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// Collects the rest of a streamed response.
    ///
    /// - Throws: `ClientError`.
    public init(collecting response: StreamedResponse) async throws {
        status = response.status
        headers = response.headers
        body = try await response.collect(upTo: .max - 1)
        trailers = await response.trailers()
    }
}

extension TestResponse: CustomStringConvertible {
    /// Status, headers and body, as a failing test shows them.
    public var description: String { "\(status)\n\(headers)\n\n\(text)" }
}

/// Headers by names as text, for tests.
extension Headers {
    /// Returns headers with these names and values, in order: `.named(["X-Request-ID": "7"])`.
    ///
    /// Stops the test if a name is not a token (RFC 9110 §5.1); use ``RawConnection`` to test malformed names.
    public static func named(_ pairs: KeyValuePairs<String, String>) -> Headers {
        var headers = Headers()
        for (text, value) in pairs {
            guard let name = HTTPField.Name(text) else {
                preconditionFailure("invalid header name “\(text)”")
            }
            headers.append(name, value)
        }
        return headers
    }
}
