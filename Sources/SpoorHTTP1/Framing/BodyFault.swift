/// What can be wrong with a body (RFC 9112 §6.3, §7.1).
package enum BodyFault: Error, Hashable {
    /// More bytes than the bound for bodies.
    case tooLarge
    /// A chunk size that is no hexadecimal number, or one of more than sixteen digits.
    case chunkSizeMalformed
    /// A line of chunk framing that does not end in CRLF.
    case chunkLineEndMalformed
    /// Chunk data that no CRLF follows: longer than its size, or shorter.
    case chunkDataEndMalformed
    /// A chunk extension against its grammar (RFC 9112 §7.1.1).
    case chunkExtensionMalformed
    /// More extensions than ``HTTP1Limits/chunkExtensionBytesMax``.
    case chunkExtensionsTooLarge
    /// A fault in the trailer section.
    case trailer(FieldFault)
    /// The connection ended before the body did (RFC 9112 §8).
    case incomplete
}
