import SpoorHTTP

/// Whether bytes are an IPv6 address, as it stands between brackets (RFC 3986 §3.2.2).
///
/// Literals of later versions are refused: nobody could connect to one.
enum AddressLiteral {
    /// Looks at every byte once: groups of up to four hexadecimal digits, one `::` at the most, an IPv4 address at the end.
    static func isValid(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        let end = range.upperBound
        var groups = 0
        var isShortened = false
        var isBehindGroup = false
        while at < end {
            if input[at] == .colon {
                let isDouble = at &+ 1 < end && input[at &+ 1] == .colon
                guard isDouble ? !isShortened : isBehindGroup && at &+ 1 < end else { return false }
                isShortened = isShortened || isDouble
                at &+= isDouble ? 2 : 1
                isBehindGroup = false
                continue
            }
            var digits = 0
            while at &+ digits < end, hexValue(input[at &+ digits]) != nil { digits &+= 1 }
            if at &+ digits < end, input[at &+ digits] == .dot {
                guard !isBehindGroup, isIPv4(input, at..<end) else { return false }
                return isShortened ? groups < 6 : groups == 6
            }
            guard !isBehindGroup, 1...4 ~= digits else { return false }
            groups &+= 1
            at &+= digits
            isBehindGroup = true
        }
        return isShortened ? groups < 8 : groups == 8
    }

    /// `IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet`, without leading zeros.
    private static func isIPv4(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var dots = 0
        var number = 0
        var digits = 0
        for at in range {
            if input[at] == .dot {
                guard digits > 0 else { return false }
                dots &+= 1
                number = 0
                digits = 0
                continue
            }
            let digit = input[at] &- .digitZero
            guard digit < 10, digits == 0 || number > 0 else { return false }
            number = number &* 10 &+ Int(digit)
            digits &+= 1
            guard number < 256 else { return false }
        }
        return dots == 3 && digits > 0
    }
}
