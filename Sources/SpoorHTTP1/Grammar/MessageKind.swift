/// Whether a message is a request or a response, which decides how strictly it is read.
///
/// A server refuses every deviation from the grammar: two readers of one request that guess differently are what request
/// smuggling lives on (RFC 9112 §11.2). A user agent is the last reader of a response and has to cope with the servers that
/// there are, so it accepts what the RFCs let a user agent accept; what leaves open where a message ends is refused in
/// both:
///
/// | deviation | request | response | source |
/// |---|---|---|---|
/// | folded field line | refused | replaced by one space | RFC 9112 §5.2 |
/// | LF without CR after the status line or a field line, trailers included | refused | a line end | RFC 9112 §2.2 |
/// | `Content-Length` repeated, or a list, with one and the same value | refused | that value | RFC 9110 §8.6 |
/// | blanks after a chunk size or its extensions | refused | ignored | RFC 9112 §7.1.1 (BWS) |
/// | status line without reason and without the space before it | – | accepted | RFC 9112 §4 |
/// | LF without CR in a line of chunk framing, or behind chunk data | refused | refused | RFC 9112 §7.1 |
/// | `Content-Length` with different values, a sign, or no number | refused | refused | RFC 9112 §6.3 |
/// | `Content-Length` beside `Transfer-Encoding` | refused | refused | RFC 9112 §6.3 |
/// | `Transfer-Encoding` in HTTP/1.0, repeated, unknown, or not ending in `chunked` | refused | refused | RFC 9112 §6.1 |
/// | CR without LF, other control bytes | refused | refused | RFC 9112 §2.2, RFC 9110 §5.5 |
/// | blanks before the first field, or before a colon | refused | refused | RFC 9112 §2.2, §5.1 |
package enum MessageKind: Sendable {
    /// Read strictly.
    case request
    /// Read as a user agent does.
    case response
}
