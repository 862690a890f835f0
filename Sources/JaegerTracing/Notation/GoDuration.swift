/// Durations in the notation of Go, as Jaeger's parameters and variables use it: `1.5s`, `100ms`, `1h30m`.
package enum GoDuration {
    /// Returns the duration in nanoseconds; nil if the text is not a duration, is negative or exceeds 64 bits.
    ///
    /// Days and weeks, which Go lacks, are accepted as well: Jaeger's page sends `lookback=2d`.
    package static func nanoseconds(_ text: String) -> UInt64? {
        if text == "0" { return 0 }
        var rest = text[...]
        if rest.first == "+" { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let scale = scales[String(unit)],
                let part = scaled(digits, by: scale)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        return total
    }

    private static let scales: [String: UInt64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
        "w": 604_800_000_000_000,
    ]

    /// Scales the whole and the fractional part of a decimal number in integers, so that nothing is rounded up.
    private static func scaled(_ digits: Substring, by scale: UInt64) -> UInt64? {
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, digits.contains(where: \.isNumber) else { return nil }
        guard let whole = parts[0].isEmpty ? 0 : UInt64(parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
        if overflow { return nil }
        var fraction: UInt64 = 0
        var place = scale
        if parts.count == 2 {
            for digit in parts[1].utf8 {
                // Each digit is worth a tenth of the digit before; values below one nanosecond are dropped.
                fraction += UInt64(digit - 0x30) * place / 10
                place /= 10
            }
        }
        let (sum, sumOverflow) = product.addingReportingOverflow(fraction)
        return sumOverflow ? nil : sum
    }
}

/// Durations as Go prints them, which Jaeger's warnings use: `1.5ms`, `2m3s`, `-1h0m0.25s`.
extension GoDuration {
    /// Returns the text of a duration in nanoseconds; nothing is rounded.
    package static func text(_ nanoseconds: Int128) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + decimal(magnitude, 1000) + "µs"
        case ..<1_000_000_000: return sign + decimal(magnitude, 1_000_000) + "ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        let seconds = decimal(magnitude % 60_000_000_000, 1_000_000_000) + "s"
        guard minutes > 0 else { return sign + seconds }
        guard minutes >= 60 else { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func decimal(_ number: UInt128, _ unit: UInt128) -> String {
        guard number % unit > 0 else { return "\(number / unit)" }
        // The added unit keeps the zeros after the decimal point.
        var fraction = String(number % unit + unit).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(number / unit).\(fraction)"
    }
}
