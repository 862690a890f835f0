import SpoorHTTP
import SpoorText

/// Whether bytes are a host with or without a port (RFC 9110 §4.2, RFC 3986 §3.2.2).
///
/// Userinfo is refused: it has no place in HTTP and serves to disguise hosts (RFC 9110 §4.2.4).
package enum AuthorityGrammar {
    /// What kind of authority is asked for.
    package enum Port {
        /// `host`, `host:` or `host:80`.
        case optional
        /// `host:80`, as CONNECT asks for (RFC 9112 §3.2.3, RFC 9110 §9.3.6).
        case required
    }

    /// Looks at every byte once; an empty host is none.
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

    /// `port = *DIGIT`, of which there are 65536 (RFC 3986 §3.2.3).
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
