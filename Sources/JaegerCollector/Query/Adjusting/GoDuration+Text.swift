import JaegerTracing

/// Durations as Go prints them, which Jaeger's warnings use: `1.5ms`, `2m3s`, `-1h0m0.25s`.
extension GoDuration {
    /// The text of a duration in nanoseconds; nothing is rounded.
    static func text(_ nanoseconds: Int128) -> String {
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
        // The unit in front keeps the zeros behind the point.
        var fraction = String(number % unit + unit).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(number / unit).\(fraction)"
    }
}
