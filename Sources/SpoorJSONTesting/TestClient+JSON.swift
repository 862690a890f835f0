public import HTTPTypes
public import SpoorHTTP
public import SpoorJSON
public import SpoorTesting
import SpoorText

/// Requests with JSON bodies.
///
/// ```swift
/// let response = try await client.post("/orders", json: OrderDraft(quantity: 2))
/// #expect(try response.json(Order.self).quantity == 2)
/// ```
extension TestClient {
    /// Sends a request with the JSON text of a value, as `application/json` unless the headers have another type.
    ///
    /// - Throws: The error of the coder, or `ClientError`.
    public func execute(
        _ method: HTTPRequest.Method, _ path: String, headers: Headers = [:],
        json value: some Encodable, using coding: any JSONCoding = FoundationJSONCoding()
    ) async throws -> TestResponse {
        var headers = headers
        if !headers.contains(.contentType) { headers[.contentType] = MediaType.json.essence }
        return try await execute(
            method, path, headers: headers, body: .bytes(try coding.encode(value)))
    }

    /// Sends a POST with the JSON text of a value.
    public func post(
        _ path: String, headers: Headers = [:], json value: some Encodable
    ) async throws -> TestResponse {
        try await execute(.post, path, headers: headers, json: value)
    }

    /// Sends a PUT with the JSON text of a value.
    public func put(
        _ path: String, headers: Headers = [:], json value: some Encodable
    ) async throws -> TestResponse {
        try await execute(.put, path, headers: headers, json: value)
    }

    /// Sends a PATCH with the JSON text of a value.
    public func patch(
        _ path: String, headers: Headers = [:], json value: some Encodable
    ) async throws -> TestResponse {
        try await execute(.patch, path, headers: headers, json: value)
    }

    /// Sends a POST with newline-delimited JSON: a line for each value.
    ///
    /// - Throws: The error of the coder, or `ClientError`.
    public func post(
        _ path: String, headers: Headers = [:], jsonLines values: [some Encodable]
    ) async throws -> TestResponse {
        var headers = headers
        if !headers.contains(.contentType) { headers[.contentType] = "application/x-ndjson" }
        let coding = FoundationJSONCoding()
        let lines = try values.flatMap { try coding.encode($0) + [UInt8.lineFeed] }
        return try await execute(.post, path, headers: headers, body: .bytes(lines))
    }
}
