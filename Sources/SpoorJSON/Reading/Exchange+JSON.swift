public import SpoorHTTP
import HTTPTypes
import SpoorText

/// Reading JSON bodies.
extension Exchange {
    /// Returns the body of the request as a value.
    ///
    /// ```swift
    /// let draft = try await exchange.json(OrderDraft.self)
    /// ```
    ///
    /// The `Content-Type` must be `application/json` or end with `+json`, in UTF-8.
    ///
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - configuration: The coder and the limits; nil for those of the service.
    /// - Throws: A ``Problem``: 415 for another content type, 413 for a body over its limit, 400 for a body that is not
    ///   JSON or exceeds another limit, with the position, 422 for one that does not match the type, with a JSON pointer to
    ///   each value that does not match; or an error of the connection.
    public func json<Value: Decodable>(
        _ type: Value.Type, using configuration: JSONConfiguration? = nil
    ) async throws -> Value {
        try checkContentType(is: [MediaType.json.essence]) { $0.isJSON }
        let configuration = configuration ?? jsonConfiguration
        let bytes = try await body.collect(upTo: configuration.maxBytes)
        return try configuration.decode(type, from: bytes)
    }

    /// Checks that the content type is accepted and in UTF-8.
    ///
    /// RFC 9110 §15.5.16: a 415 lists what is accepted.
    func checkContentType(
        is accepted: [String], orAs isAccepted: (MediaType) -> Bool
    ) throws {
        let media = request.headers.contentType
        if let media, isAccepted(media),
            media.parameters.allSatisfy({ $0.name != "charset" || $0.value.lowercased() == "utf-8" }
            )
        {
            return
        }
        let found =
            request.headers.contains(.contentType)
            ? "the Content-Type is not supported" : "the request has no Content-Type"
        throw Problem(
            .unsupportedMediaType, "\(found): send \(accepted.joined(separator: " or ")) in UTF-8",
            headers: [.accept: accepted.joined(separator: ", ")])
    }
}
