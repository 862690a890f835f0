/// How much a peer may send before it is refused; every bound has a default and a reason.
///
/// The bounds hold for both roles: a server refuses requests with them, a client responses.
public struct HTTP1Limits: Sendable, Hashable {
    /// The longest request line or status line in bytes, with its CRLF.
    ///
    /// 8192 unless set.
    /// RFC 9112 §3 asks for 8000 at the least; longer ones are refused with 414.
    public var maxStartLineBytes = 8192
    /// The largest head in bytes, from its first line to the empty line.
    ///
    /// 32768 unless set.
    /// Four lines of eight thousand bytes, as large cookies and tokens need; larger ones are refused with 431.
    /// A connection keeps this much memory for a head that is on its way.
    public var maxHeadBytes = 32768
    /// How many fields a head or a trailer section may have.
    ///
    /// 128 unless set.
    /// Browsers send about twenty; each costs sixteen bytes beside its text. More are refused with 431.
    public var maxHeaderCount = 128
    /// The largest body in bytes, whatever its framing.
    ///
    /// 64 MiB unless set. Larger ones are refused with 413.
    /// A body is streamed and takes no memory by itself: the bound is for what handlers do with it.
    public var maxBodyBytes = 64 << 20
    /// How many bytes of chunk extensions a body may have beyond the bytes of its content.
    ///
    /// 4096 unless set.
    /// Extensions are skipped, so a peer could keep the server busy with nothing (RFC 9112 §7.1.1).
    public var maxChunkExtensionBytes = 4096
    /// The largest trailer section in bytes, with its empty line.
    ///
    /// 8192 unless set.
    public var maxTrailerBytes = 8192
    /// How many bytes of a body that its handler left unread are read away, so that the connection can
    /// be kept.
    ///
    /// 256 KiB unless set. With more to come the connection closes.
    public var maxDrainBytes = 256 << 10
    /// How many interim responses (1xx) a client takes before the final one.
    ///
    /// 16 unless set.
    public var maxInterimResponses = 16

    /// The defaults.
    public init() {}
}
