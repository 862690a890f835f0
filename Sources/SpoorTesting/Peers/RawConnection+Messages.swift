/// Message framing for scripts that act as a server: finds the end of a request.
extension RawConnection {
    /// Returns the next request as text, head and body with its framing as received; nil at the end of the stream,
    /// also within a request.
    ///
    /// The end of the body is determined by `Content-Length` or by its chunks (RFC 9112 §6); nothing is validated. In
    /// a script the request is also added to ``ScriptedServer/requests``.
    public func readRequest() async throws -> String? {
        let head = try await read(until: "\r\n\r\n")
        guard head.hasSuffix("\r\n\r\n") else { return nil }
        var body: String? = ""
        if Self.value(of: "transfer-encoding", in: head)?.hasSuffix("chunked") == true {
            body = try await readChunks()
        } else if let count = Self.value(of: "content-length", in: head).flatMap({ Int($0) }) {
            let bytes = try await read(count: count)
            body = bytes.count == count ? String(decoding: bytes, as: UTF8.self) : nil
        }
        guard let body else { return nil }
        requests?.add(head + body)
        return head + body
    }

    /// Answers every request with the same bytes until the peer closes.
    public func respondToAll(with text: String) async throws {
        while try await readRequest() != nil { try await send(text) }
    }

    /// Returns a chunked body with its trailers; nil if it is truncated or malformed.
    private func readChunks() async throws -> String? {
        var body = ""
        while true {
            let line = try await read(until: "\r\n")
            guard line.hasSuffix("\r\n"),
                let count = Int(line.prefix(while: \.isHexDigit), radix: 16), count < 1 << 40
            else { return nil }
            body += line
            guard count > 0 else { break }
            let chunk = try await read(count: count + 2)
            guard chunk.count == count + 2 else { return nil }
            body += String(decoding: chunk, as: UTF8.self)
        }
        while true {
            let trailer = try await read(until: "\r\n")
            guard trailer.hasSuffix("\r\n") else { return nil }
            body += trailer
            if trailer == "\r\n" { return body }
        }
    }

    /// Returns the value, in lower case, of the first header with a lower-case name.
    private static func value(of name: String, in head: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name else { continue }
            return String(parts[1].lowercased().drop(while: \.isWhitespace))
        }
        return nil
    }
}
