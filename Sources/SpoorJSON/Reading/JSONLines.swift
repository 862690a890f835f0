public import SpoorHTTP
import HTTPTypes
import SpoorText

/// The values of a request whose body is newline-delimited JSON, one value per line.
///
/// A line is read when the next value is requested, so that a slow handler slows down the client (back-pressure). Lines
/// that were read by one iterator are not read again by another one. Like the exchange, the sequence belongs to the
/// exchange's task.
public struct JSONLines<Value: Decodable>: AsyncSequence {
    private let reader: JSONLineReader

    init(reader: JSONLineReader) {
        self.reader = reader
    }

    /// Reads the values.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: JSONLineReader

        /// Returns the next value; nil at the end of the body, and after an error.
        ///
        /// - Throws: As described for ``SpoorHTTP/Exchange/jsonLines(_:using:)``.
        public mutating func next() async throws -> Value? { try await reader.next(Value.self) }
    }

    /// Iterates over the values that have not been read yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }
}

extension Exchange {
    /// Returns the values of a body of newline-delimited JSON, one per line, as they arrive.
    ///
    /// ```swift
    /// for try await order in exchange.jsonLines(Order.self) { try await store.insert(order) }
    /// ```
    ///
    /// The `Content-Type` must be `application/x-ndjson`, `application/ndjson` or `application/jsonl`, in UTF-8. Empty
    /// lines are ignored; the last line need not have a line break. The number of bytes of the body is limited by
    /// ``RequestBody/maxBytes``, which is the server's limit unless it is set.
    ///
    /// - Parameters:
    ///   - type: The type of the values.
    ///   - configuration: The coder and the limits of a line; nil for those of the service.
    /// - Returns: A sequence that throws a ``Problem``: 415 for another content type, 413 for a line or a body over its
    ///   limit, 400 for a line that is not JSON or exceeds another limit, 422 for one that does not match the type.
    ///   Problems of a line have its number, from 1, as the member `line`, and JSON pointers into it. Nothing is read
    ///   after an error.
    public func jsonLines<Value: Decodable>(
        _ type: Value.Type, using configuration: JSONConfiguration? = nil
    ) -> JSONLines<Value> {
        JSONLines(reader: JSONLineReader(self, configuration ?? jsonConfiguration))
    }
}

/// Reads the lines of a body.
final class JSONLineReader {
    private enum State {
        /// The content type has not been checked.
        case initial
        case reading
        case ended
    }

    private static let mediaTypes = [
        "application/x-ndjson", "application/ndjson", "application/jsonl",
    ]

    private let exchange: Exchange
    private let configuration: JSONConfiguration
    private var splitter: LineSplitter
    private var state = State.initial

    init(_ exchange: Exchange, _ configuration: JSONConfiguration) {
        self.exchange = exchange
        self.configuration = configuration
        splitter = LineSplitter(maxBytes: configuration.maxLineBytes)
    }

    func next<Value: Decodable>(_ type: Value.Type) async throws -> Value? {
        do {
            guard let line = try await nextLine() else {
                state = .ended
                return nil
            }
            return try configuration.decode(type, from: line, .line(splitter.lineCount))
        } catch {
            state = .ended
            throw error
        }
    }

    /// Returns the next line that is not empty.
    private func nextLine() async throws -> [UInt8]? {
        switch state {
        case .ended: return nil
        case .reading: break
        case .initial:
            try exchange.checkContentType(is: Self.mediaTypes) {
                Self.mediaTypes.contains($0.essence)
            }
            state = .reading
        }
        while true {
            switch try splitLine() {
            case .ended: return nil
            case .needsInput:
                if let bytes = try await exchange.body.next() {
                    splitter.feed(bytes)
                } else {
                    splitter.finish()
                }
            case .line(let line):
                if let maxLines = configuration.maxLines, splitter.lineCount > maxLines {
                    throw Problem(
                        .contentTooLarge, "the body has more than \(maxLines) lines")
                }
                guard line.allSatisfy({ $0.isBlank || $0 == .carriageReturn }) else { return line }
            }
        }
    }

    private func splitLine() throws -> LineSplitter.Output {
        do throws(LineSplitter.TooLong) {
            return try splitter.next()
        } catch {
            throw Problem(
                .contentTooLarge,
                "line \(splitter.lineCount) of the body is longer than "
                    + "\(configuration.maxLineBytes) bytes",
                extensions: ["line": .number(Double(splitter.lineCount))])
        }
    }
}
