public import SpoorJSON
public import SpoorTesting
import SpoorHTTP
import SpoorText

/// Responses with JSON bodies.
extension TestResponse {
    /// Returns the body as a value.
    ///
    /// - Throws: ``TestJSONError`` with the whole response if it is not JSON, or does not match the type.
    public func json<Value: Decodable>(
        _ type: Value.Type = Value.self, using coding: any JSONCoding = FoundationJSONCoding()
    ) throws -> Value {
        guard headers.contentType?.isJSON == true else {
            throw TestJSONError("the response is not JSON", self)
        }
        return try decode(type, body, coding)
    }

    /// Returns the values of a body of newline-delimited JSON.
    ///
    /// - Throws: ``TestJSONError`` with the whole response if a line is not JSON, or does not match the type.
    public func jsonLines<Value: Decodable>(
        _ type: Value.Type = Value.self, using coding: any JSONCoding = FoundationJSONCoding()
    ) throws -> [Value] {
        try body.split(separator: .lineFeed).map { try decode(type, Array($0), coding) }
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8], _ coding: any JSONCoding
    ) throws -> Value {
        do {
            return try JSONConfiguration(
                coding: coding, maxBytes: .max, maxDepth: 512, maxMembers: .max
            ).decode(type, from: bytes)
        } catch let problem as Problem {
            let violations = problem.violations.map { "\n\($0)" }.joined()
            throw TestJSONError("the response does not match \(type):\(violations)", self)
        }
    }
}

/// The error of a test for a response that is not the expected JSON.
public struct TestJSONError: Error, Equatable, CustomStringConvertible {
    /// What was expected.
    public let reason: String
    /// The response.
    public let response: TestResponse

    init(_ reason: String, _ response: TestResponse) {
        self.reason = reason
        self.response = response
    }

    /// The reason and the response.
    public var description: String { "\(reason)\n\(response)" }
}
