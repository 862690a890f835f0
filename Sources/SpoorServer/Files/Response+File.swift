public import SpoorHTTP

/// Files as responses that a handler returns.
extension Response {
    /// Returns a response with a file, or the part of it that the client requests, as
    /// ``SpoorHTTP/ResponseWriter/send(fileAt:contentType:mediaTypes:)-(String,_,_)`` sends it.
    ///
    /// ```swift
    /// routes.get("/report") { _ in Response.file(at: "report.pdf").attachment(named: "Bericht für März.pdf") }
    /// ```
    ///
    /// The file is opened when the response is sent; the request is then answered with 404, 403 or 503 if it cannot be
    /// opened.
    ///
    /// - Parameters:
    ///   - path: The path of the file; do not construct it from client input without validation.
    ///   - headers: The headers, in addition to those of the file.
    ///   - contentType: The `Content-Type`; determined by the suffix of the name if nil.
    ///   - mediaTypes: The types by suffix.
    public static func file(
        at path: String, headers: Headers = Headers(), contentType: String? = nil,
        mediaTypes: MediaTypes = .common
    ) -> Response {
        Response(
            headers: headers, contentType: contentType,
            source: FileSource(path: path, mediaTypes: mediaTypes))
    }
}

private struct FileSource: ResponseSource {
    let path: String
    let mediaTypes: MediaTypes

    func write(to response: ResponseWriter) async throws {
        try await response.send(fileAt: path, mediaTypes: mediaTypes)
    }
}
