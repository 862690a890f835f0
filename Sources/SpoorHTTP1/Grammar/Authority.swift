/// Whether bytes are a host with or without a port (RFC 9110 §4.2, RFC 3986 §3.2.2).
///
/// Userinfo is refused: it has no place in HTTP and serves to disguise hosts (RFC 9110 §4.2.4).
enum Authority {
    /// What kind of authority is asked for.
    enum Port {
        /// `host`, `host:` or `host:80`.
        case optional
        /// `host:80`, as CONNECT asks for (RFC 9112 §3.2.3).
        case required
    }

    /// Looks at every byte once; an empty host is none.
    static func isValid(_ input: Span<UInt8>, _ range: Range<Int>, port: Port = .optional) -> Bool {
        var at = range.lowerBound
        let end = range.upperBound
        guard at < end else { return false }
        if input[at] == 0x5B {
            at &+= 1
            let start = at
            while at < end, ByteSet.addressLiteral.contains(input[at]) { at &+= 1 }
            guard at > start, at < end, input[at] == 0x5D else { return false }
            at &+= 1
        } else {
            let start = at
            while true {
                at = input.endOfRun(from: at, to: end, RunScan.endOfHost)
                guard at < end, ByteSet.hostName.contains(input[at]) else { break }
                at &+= 1
            }
            guard at > start else { return false }
        }
        guard at < end else { return port == .optional }
        guard input[at] == 0x3A else { return false }
        at &+= 1
        let digits = end &- at
        while at < end, input[at] &- 0x30 < 10 { at &+= 1 }
        return at == end && (port == .optional || digits > 0)
    }
}
