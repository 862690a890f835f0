import SpoorHTTP1

extension HTTP1Limits {
    /// Creates limits that short inputs reach; all sizes are in bytes.
    init(
        startLine: Int, head: Int, headers: Int, body: Int, chunkExtensions: Int, trailer: Int
    ) {
        self.init()
        maxStartLineBytes = startLine
        maxHeadBytes = head
        maxHeaderCount = headers
        maxBodyBytes = body
        maxChunkExtensionBytes = chunkExtensions
        maxTrailerBytes = trailer
    }
}
