public import HTTPTypes
public import SpoorHTTP
import SpoorText

/// Responses of newline-delimited JSON.
extension Response {
    /// Returns a response whose body is newline-delimited JSON: one line for each value of a sequence.
    ///
    /// ```swift
    /// routes.get("/orders.jsonl") { _ in Response.jsonLines(store.orders()) }
    /// ```
    ///
    /// The next value is requested after the client has accepted enough of those before (back-pressure); see
    /// `Response.stream`. An error of the sequence or of the coder aborts the response, so that the client notices that
    /// it is incomplete, unless nothing has been sent yet.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers.
    ///   - contentType: The `Content-Type`, such as `application/jsonl`.
    ///   - flushesEachLine: Whether each line is sent immediately; if false, up to 64 KiB are collected.
    ///   - configuration: The coder; nil for that of the service. Line breaks that it writes between tokens are removed.
    public static func jsonLines<Values: AsyncSequence & Sendable>(
        _ values: Values, status: HTTPResponse.Status? = nil, headers: Headers = Headers(),
        contentType: String = "application/x-ndjson", flushesEachLine: Bool = true,
        using configuration: JSONConfiguration? = nil
    ) -> Response where Values.Element: Encodable {
        Response(
            status: status, headers: headers, contentType: contentType,
            source: JSONLineSource(
                values: values, flushesEachLine: flushesEachLine, configuration: configuration))
    }
}

extension Response {
    /// Returns a response whose body is newline-delimited JSON: one line for each value of an array or another sequence,
    /// which is encoded while it is sent.
    ///
    /// - Parameters:
    ///   - values: The values.
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers.
    ///   - contentType: The `Content-Type`, such as `application/jsonl`.
    ///   - configuration: The coder; nil for that of the service. Line breaks that it writes between tokens are removed.
    public static func jsonLines<Values: Sequence & Sendable>(
        _ values: Values, status: HTTPResponse.Status? = nil, headers: Headers = Headers(),
        contentType: String = "application/x-ndjson", using configuration: JSONConfiguration? = nil
    ) -> Response where Values.Element: Encodable {
        jsonLines(
            AvailableValues(values: values), status: status, headers: headers,
            contentType: contentType, flushesEachLine: false, using: configuration)
    }
}

/// The values of a sequence, all of which are available.
private struct AvailableValues<Values: Sequence & Sendable>: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: Values.Iterator

        mutating func next() async -> Values.Element? { iterator.next() }
    }

    let values: Values

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: values.makeIterator()) }
}

private struct JSONLineSource<Values: AsyncSequence & Sendable>: ResponseSource
where Values.Element: Encodable {
    let values: Values
    let flushesEachLine: Bool
    let configuration: JSONConfiguration?

    func write(to response: ResponseWriter) async throws {
        let coding = (configuration ?? response.exchange.jsonConfiguration).coding
        try await response.write(eachOf: values, flushesEach: flushesEachLine) { value in
            var line = try coding.encode(value)
            // In JSON they are only blanks: in strings they are escaped (RFC 8259 §7).
            line.removeAll { $0 == .lineFeed || $0 == .carriageReturn }
            line.append(.lineFeed)
            try await response.write(line)
        }
    }
}
