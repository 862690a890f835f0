/// The limits of messages that a peer sends; larger ones are rejected.
///
/// The limits apply to both roles: a server rejects requests with them, a client responses.
public struct HTTP1Limits: Sendable, Hashable {
    /// The maximum length of a request line or status line in bytes, including its CRLF.
    ///
    /// Default: 8192. RFC 9112 §3 recommends at least 8000; longer ones are rejected with 414.
    public var maxStartLineBytes = 8192
    /// The maximum size of a head in bytes, from its first line to the empty line.
    ///
    /// Default: 32768: four lines of eight thousand bytes, as large cookies and tokens need; larger ones are rejected
    /// with 431. A connection buffers up to this size for a head that is not yet complete.
    public var maxHeadBytes = 32768
    /// The maximum number of headers in a head or a trailer section.
    ///
    /// Default: 128. Browsers send about twenty; each takes sixteen bytes in addition to its text. More are rejected
    /// with 431.
    public var maxHeaderCount = 128
    /// The maximum size of a body in bytes, with any framing.
    ///
    /// Default: 64 MiB. Larger ones are rejected with 413. A body is streamed and not buffered: the limit protects
    /// handlers.
    public var maxBodyBytes = 64 << 20
    /// The maximum number of bytes of chunk extensions of a body in addition to the bytes of its content.
    ///
    /// Default: 4096. Extensions are skipped, so a peer could keep the server busy without sending content (RFC 9112
    /// §7.1.1).
    public var maxChunkExtensionBytes = 4096
    /// The maximum size of a trailer section in bytes, including its empty line.
    ///
    /// Default: 8192.
    public var maxTrailerBytes = 8192
    /// The maximum number of bytes of an unread request body that are drained so that the connection can be kept
    /// alive.
    ///
    /// Default: 256 KiB. If more bytes follow, the connection is closed.
    public var maxDrainBytes = 256 << 10
    /// The maximum number of interim responses (1xx) that a client accepts before the final one.
    ///
    /// Default: 16.
    public var maxInterimResponses = 16

    /// Creates the default limits.
    public init() {}
}
