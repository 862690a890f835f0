/// Whether a message is a request or a response, which determines how strictly it is parsed.
///
/// A server rejects every deviation from the grammar: request smuggling exploits two parsers of one request that
/// interpret it differently (RFC 9112 §11.2). A user agent is the last parser of a response and must cope with
/// existing servers, so it accepts what the RFCs allow a user agent to accept; anything that makes the end of a
/// message ambiguous is rejected in both:
///
/// | deviation | request | response | source |
/// |---|---|---|---|
/// | folded header line | rejected | replaced by one space | RFC 9112 §5.2 |
/// | LF without CR after the status line or a header or trailer line | rejected | a line end | RFC 9112 §2.2 |
/// | `Content-Length` repeated, or a list, with the same value | rejected | that value | RFC 9110 §8.6 |
/// | blanks after a chunk size or its extensions | rejected | ignored | RFC 9112 §7.1.1 (BWS) |
/// | status line without reason and without the space before it | – | accepted | RFC 9112 §4 |
/// | LF without CR in a line of chunk framing, or after chunk data | rejected | rejected | RFC 9112 §7.1 |
/// | `Content-Length` with different values, a sign, or not a number | rejected | rejected | RFC 9112 §6.3 |
/// | `Content-Length` together with `Transfer-Encoding` | rejected | rejected | RFC 9112 §6.3 |
/// | `Transfer-Encoding` in HTTP/1.0, repeated, unknown or not ending in `chunked` | rejected | rejected | RFC 9112 §6.1 |
/// | CR without LF, other control bytes | rejected | rejected | RFC 9112 §2.2, RFC 9110 §5.5 |
/// | blanks before the first header, or before a colon | rejected | rejected | RFC 9112 §2.2, §5.1 |
package enum MessageKind: Sendable {
    /// Parsed strictly.
    case request
    /// Parsed like a user agent.
    case response
}
