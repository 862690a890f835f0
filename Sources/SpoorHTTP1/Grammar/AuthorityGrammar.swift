import SpoorHTTP
import SpoorText

/// Validates a host with an optional or required port (RFC 9110 §4.2, RFC 3986 §3.2.2).
///
/// User information is rejected: it is deprecated in HTTP and used to disguise hosts (RFC 9110 §4.2.4).
package enum AuthorityGrammar {
    /// Whether a port is required.
    package enum Port {
        /// `host`, `host:` or `host:80`.
        case optional
        /// `host:80`, which CONNECT requires (RFC 9112 §3.2.3, RFC 9110 §9.3.6).
        case required
    }

    /// Returns whether the bytes are valid, in one pass; an empty host is invalid.
    package static func isValid(_ input: Span<UInt8>, _ range: Range<Int>, port: Port = .optional)
        -> Bool
    {
        var at = range.lowerBound
        let end = range.upperBound
        guard at < end else { return false }
        if input[at] == .leftBracket {
            at &+= 1
            let start = at
            while at < end, input[at] != .rightBracket { at &+= 1 }
            guard at < end, IPAddress(ipv6: input, start..<at) != nil else { return false }
            at &+= 1
        } else {
            let start = at
            while true {
                at = input.endOfRun(from: at, to: end, RunScan.endOfHost)
                guard at < end, ByteSet.hostName.contains(input[at]) else { break }
                if input[at] == .percent, !isEscape(input, at, end) { return false }
                at &+= 1
            }
            guard at > start else { return false }
        }
        guard at < end else { return port == .optional }
        guard input[at] == .colon else { return false }
        at &+= 1
        return isPort(input, at..<end, port)
    }

    /// `port = *DIGIT`, at most 65535 (RFC 3986 §3.2.3).
    private static func isPort(_ input: Span<UInt8>, _ digits: Range<Int>, _ port: Port) -> Bool {
        var number = 0
        var at = digits.lowerBound
        while at < digits.upperBound {
            let digit = input[at] &- .digitZero
            guard digit < 10 else { return false }
            number = number &* 10 &+ Int(digit)
            guard number < 65536 else { return false }
            at &+= 1
        }
        return port == .optional || number > 0
    }

    /// `pct-encoded = "%" HEXDIG HEXDIG` (RFC 3986 §2.1).
    private static func isEscape(_ input: Span<UInt8>, _ at: Int, _ end: Int) -> Bool {
        end &- at > 2 && input[at &+ 1].hexDigitValue != nil
            && input[at &+ 2].hexDigitValue != nil
    }
}
