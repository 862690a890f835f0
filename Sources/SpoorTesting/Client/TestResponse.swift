public import HTTPTypes
public import SpoorClient
public import SpoorHTTP

/// A whole response as a test looks at it.
public struct TestResponse: Sendable, Equatable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The fields of the head.
    public var headers: Headers
    /// The body, without framing.
    public var body: [UInt8]
    /// The fields behind a chunked body (RFC 9110 §6.5).
    public var trailers: Headers

    /// The body as text; what is not UTF-8 is repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of a field of the head by its name in any case, several joined by commas; nil if there is none.
    public subscript(name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// Reads the rest of a response that is streamed.
    ///
    /// - Throws: `ClientError`.
    public init(gathering response: StreamedResponse) async throws {
        status = response.status
        headers = response.headers
        body = try await response.collect(upTo: .max - 1)
        trailers = await response.trailers()
    }
}

extension TestResponse: CustomStringConvertible {
    /// Status, fields and body, as a test shows them when it fails.
    public var description: String { "\(status)\n\(headers)\n\n\(text)" }
}

/// Headers by names as they are written, for tests.
extension Headers {
    /// The fields of names and values, in order: `.named(["X-Request-ID": "7"])`.
    ///
    /// Stops the test if a name is no token (RFC 9110 §5.1): what malformed names do is tested by ``RawConnection``.
    public static func named(_ pairs: KeyValuePairs<String, String>) -> Headers {
        var headers = Headers()
        for (text, value) in pairs {
            guard let name = HTTPField.Name(text) else {
                preconditionFailure("“\(text)” is no name of a field")
            }
            headers.append(name, value)
        }
        return headers
    }
}
