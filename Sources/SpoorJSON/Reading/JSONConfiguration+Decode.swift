import HTTPTypes
import SpoorHTTP
import SpoorText

/// What a JSON text is in a request, for messages.
enum JSONTextPlace {
    /// The body.
    case body
    /// A line of the body, numbered from 1.
    case line(Int)
}

extension JSONConfiguration {
    /// Returns the value of a JSON text.
    ///
    /// - Throws: A ``Problem``: 400 for a text that is not JSON or exceeds a limit, 422 for one that does not match the
    ///   type, with every value that does not match, as far as the type allows to continue.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try decode(type, from: bytes, .body)
    }

    func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], _ place: JSONTextPlace
    ) throws -> Value {
        do throws(JSONScanner.Fault) {
            try JSONScanner.check(
                bytes.span, limits: .init(maxDepth: maxDepth, maxMembers: maxMembers))
        } catch {
            throw place.problem(error, in: bytes, limits: self)
        }
        do {
            return try coding.decode(type, from: bytes)
        } catch let error as DecodingError {
            let mismatches = coding.mismatches(of: type, in: bytes)
            throw place.problem(mismatches.isEmpty ? [Problem.Violation(error)] : mismatches)
        }
    }
}

extension JSONTextPlace {
    /// Returns the problem of a text that does not match the type.
    fileprivate func problem(_ violations: [Problem.Violation]) -> Problem {
        let name =
            switch self {
            case .body: "the body"
            case .line(let number): "line \(number) of the body"
            }
        return Problem(
            .unprocessableContent, "\(name) does not have the expected structure",
            violations: violations, extensions: extensions)
    }

    /// Returns the problem of a text that is not JSON, or exceeds a limit, with the position, the affected value, and
    /// what is expected.
    fileprivate func problem(
        _ fault: JSONScanner.Fault, in bytes: [UInt8], limits: JSONConfiguration
    ) -> Problem {
        let before = bytes[..<fault.offset]
        let line = before.count { $0 == .lineFeed } + 1
        let column = fault.offset - (before.lastIndex(of: .lineFeed).map { $0 + 1 } ?? 0) + 1
        let reason = fault.reason.description(limits)
        let (name, detail) =
            switch self {
            case .body: ("the body", "\(reason) (line \(line), column \(column))")
            case .line(let number):
                ("line \(number) of the body", "\(reason) (line \(number), column \(column))")
            }
        return Problem(
            .badRequest, "invalid JSON in \(name): \(detail)",
            violations: [Problem.Violation(.body(pointer: fault.pointer), detail)],
            extensions: extensions)
    }

    /// The number of the line as a member of a problem.
    private var extensions: [String: JSONValue] {
        switch self {
        case .body: [:]
        case .line(let number): ["line": .number(Double(number))]
        }
    }
}

extension JSONScanner.Reason {
    fileprivate func description(_ limits: JSONConfiguration) -> String {
        switch self {
        case .expected(let text): "expected \(text)"
        case .incomplete: "unexpected end of the text"
        case .trailingBytes: "expected the end of the text"
        case .invalidUTF8: "the text is not valid UTF-8"
        case .tooDeep: "arrays and objects are nested deeper than \(limits.maxDepth) levels"
        case .tooManyMembers: "objects have more than \(limits.maxMembers) members"
        }
    }
}
