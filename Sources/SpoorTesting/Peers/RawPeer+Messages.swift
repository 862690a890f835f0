/// What a script that plays a server needs to know of messages: where a request ends.
extension RawPeer {
    /// The next request as text, head and body; nil at the end.
    ///
    /// The body's end is known by `Content-Length`, or by the last chunk if it is chunked (without trailers).
    public func readRequest() async throws -> String? {
        let head = try await read(until: "\r\n\r\n")
        guard head.hasSuffix("\r\n\r\n") else { return nil }
        if head.contains("Transfer-Encoding: chunked") {
            let body = try await read(until: "0\r\n\r\n")
            return body.hasSuffix("0\r\n\r\n") ? head + body : nil
        }
        guard let field = head.firstRange(of: "Content-Length: ") else { return head }
        let digits = head[field.upperBound...].prefix(while: \.isNumber)
        let count = Int(digits) ?? 0
        var body: [UInt8] = []
        while body.count < count {
            let more = try await read()
            guard !more.isEmpty else { return nil }
            body += more
        }
        keep(body[count...])
        return head + String(decoding: body[..<count], as: UTF8.self)
    }

    /// Answers every request with the same bytes until the other end closes.
    public func answerAll(_ text: String) async throws {
        while try await readRequest() != nil { try await send(text) }
    }
}
