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
    ///   JSON or exceeds another limit, with the position, 422 for one that does not match the type, with a JSON pointer; or
    ///   an error of the connection.
    public func json<Value: Decodable>(
        _ type: Value.Type, using configuration: JSONConfiguration? = nil
    ) async throws -> Value {
        try checkJSONContentType()
        let configuration = configuration ?? jsonConfiguration
        let bytes = try await body.collect(upTo: configuration.maxBytes)
        return try configuration.decode(type, from: bytes)
    }

    /// RFC 9110 §15.5.16: a 415 lists what is accepted.
    func checkJSONContentType(or other: MediaType? = nil) throws {
        let text = request.headers.values(of: .contentType)
        let media = text.count == 1 ? MediaType(text[0]) : nil
        if let media, media.isJSON || media.essence == other?.essence,
            ["utf-8", nil].contains(media["charset"]?.lowercased())
        {
            return
        }
        let accepted = (other ?? .json).essence
        let found =
            text.isEmpty ? "the request has no Content-Type" : "the Content-Type is not supported"
        throw Problem(
            .unsupportedMediaType, "\(found): send \(accepted) in UTF-8",
            headers: [.accept: accepted])
    }
}

extension JSONConfiguration {
    /// Returns the value of a JSON text.
    ///
    /// - Throws: A ``Problem``: 400 for a text that is not JSON or exceeds a limit, 422 for one that does not match the
    ///   type.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        do throws(JSONScanner.Fault) {
            try JSONScanner.check(
                bytes.span, limits: .init(maxDepth: maxDepth, maxMembers: maxMembers))
        } catch {
            throw error.problem(in: bytes, limits: self)
        }
        do {
            return try coding.decode(type, from: bytes)
        } catch let error as DecodingError {
            throw Problem(
                .unprocessableContent, "the body does not have the expected structure",
                violations: [Problem.Violation(error)])
        }
    }
}

extension JSONScanner.Fault {
    /// Returns the problem with the position, the affected value, and what is expected.
    fileprivate func problem(in bytes: [UInt8], limits: JSONConfiguration) -> Problem {
        let before = bytes[..<offset]
        let line = before.count { $0 == .lineFeed } + 1
        let column = offset - (before.lastIndex(of: .lineFeed).map { $0 + 1 } ?? 0) + 1
        let reason =
            switch reason {
            case .expected(let text): "expected \(text)"
            case .incomplete: "unexpected end of the text"
            case .trailingBytes: "expected the end of the text"
            case .invalidUTF8: "the text is not valid UTF-8"
            case .tooDeep: "arrays and objects are nested deeper than \(limits.maxDepth) levels"
            case .tooManyMembers: "objects have more than \(limits.maxMembers) members"
            }
        let detail = "\(reason) (line \(line), column \(column))"
        return Problem(
            .badRequest, "invalid JSON in the body: \(detail)",
            violations: [Problem.Violation(.body(pointer: pointer), detail)])
    }
}

extension Problem.Violation {
    /// Creates the violation of a value that does not match the type.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(let type, let context):
            self.init(context, "must be \(Self.name(of: type))")
        case .valueNotFound(let type, let context):
            self.init(context, "must not be null, must be \(Self.name(of: type))")
        case .keyNotFound(let key, let context):
            self.init(context, "is missing", key)
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // The error contains neither the value nor a reason that the client could use.
            self.init(context, "a value does not match its type, such as a number out of range")
        case .dataCorrupted(let context): self.init(context, context.debugDescription)
        @unknown default: self.init(.body(pointer: ""), "does not have the expected structure")
        }
    }

    private init(
        _ context: DecodingError.Context, _ detail: String, _ key: (any CodingKey)? = nil
    ) {
        let path = context.codingPath + (key.map { [$0] } ?? [])
        let pointer = path.map { key in
            "/" + (key.intValue.map { "\($0)" } ?? JSONPointer.escape(key.stringValue))
        }
        self.init(.body(pointer: pointer.joined()), detail)
    }

    /// Returns the name of the JSON value that a type is decoded from.
    private static func name(of type: Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is any UnsignedInteger.Type: "an integer that is not negative"
        case is any BinaryInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is String.Type: "a string"
        case is [String: Any].Type, is any ObjectType.Type: "an object"
        case is [Any].Type, is any ArrayType.Type: "an array"
        default: "another type of value"
        }
    }
}

private protocol ArrayType {}
extension Array: ArrayType {}
private protocol ObjectType {}
extension Dictionary: ObjectType {}
