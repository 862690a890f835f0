/// What can be wrong with the fields that say where a message ends (RFC 9112 §6).
///
/// None is guessed at: two readers that guess differently are what request smuggling lives on
/// (RFC 9112 §11.2).
package enum FramingFault: String, Error, CaseIterable {
    /// A `Content-Length` that is not one number of decimal digits (RFC 9110 §8.6).
    case lengthMalformed
    /// A `Content-Length` that no Int holds.
    case lengthOverflow
    /// More than one `Content-Length`: in a request also if they agree, in a response only if they differ.
    case lengthRepeated
    /// `Content-Length` beside `Transfer-Encoding` (RFC 9112 §6.1).
    case lengthWithTransferEncoding
    /// A `Transfer-Encoding` that does not end in `chunked`, so that nobody knows where the body ends, or
    /// that names it twice or with parameters (RFC 9112 §6.3, §7.1).
    case transferEncodingMalformed
    /// A coding before `chunked`, which this package does not decode.
    case transferEncodingUnknown
    /// More than one `Transfer-Encoding` line.
    case transferEncodingRepeated
    /// `Transfer-Encoding` in an HTTP/1.0 message (RFC 9112 §6.1).
    case transferEncodingInHTTP10
}
