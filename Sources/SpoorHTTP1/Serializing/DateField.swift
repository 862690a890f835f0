import SpoorHTTP
import SpoorText

/// The `Date` line of responses, written anew when the second changes (RFC 9110 §6.6.1, §5.6.7).
///
/// Time enters as a value: the caller keeps one of these for a loop and refreshes it before it is used.
package struct DateField: Sendable {
    /// The whole line with its CRLF: `Date: Sun, 06 Nov 1994 08:49:37 GMT`.
    package private(set) var line: [UInt8] = []
    private var seconds: Int64?

    /// A line for the given second.
    package init(unixSeconds: Int64) {
        refresh(unixSeconds: unixSeconds)
    }

    /// Writes the line anew if the second is another.
    @inline(__always)
    package mutating func refresh(unixSeconds: Int64) {
        if unixSeconds != seconds { write(unixSeconds) }
    }

    private mutating func write(_ unixSeconds: Int64) {
        seconds = unixSeconds
        line.removeAll(keepingCapacity: true)
        line.append(literal: "Date: ")
        HTTPDate(secondsSince1970: unixSeconds).append(to: &line)
        line.append(literal: "\r\n")
    }
}
