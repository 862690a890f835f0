import SpoorHTTP

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
        Self.append(unixSeconds: unixSeconds, to: &line)
        line.append(literal: "\r\n")
    }

    /// Adds an IMF-fixdate of 29 bytes (RFC 9110 §5.6.7).
    ///
    /// - Parameter unixSeconds: Seconds since 1970 began in UTC; years before 1 and beyond 9999 are held at the ends.
    package static func append(unixSeconds: Int64, to output: inout [UInt8]) {
        let held = min(max(unixSeconds, -62_135_596_800), 253_402_300_799)
        var days = held / 86400
        var second = Int(held % 86400)
        if second < 0 {
            second += 86400
            days -= 1
        }
        let (year, month, day) = civil(daysSince1970: Int(days))
        // 1970 began on a Thursday.
        append(name: ((Int(days) + 4) % 7 + 7) % 7, of: "SunMonTueWedThuFriSat", to: &output)
        output.append(literal: ", ")
        append(twoDigits: day, to: &output)
        output.append(.space)
        append(name: month - 1, of: "JanFebMarAprMayJunJulAugSepOctNovDec", to: &output)
        output.append(.space)
        append(twoDigits: year / 100, to: &output)
        append(twoDigits: year % 100, to: &output)
        output.append(.space)
        append(twoDigits: second / 3600, to: &output)
        output.append(.colon)
        append(twoDigits: second / 60 % 60, to: &output)
        output.append(.colon)
        append(twoDigits: second % 60, to: &output)
        output.append(literal: " GMT")
    }

    /// The date of a day in the Gregorian calendar, by counting in eras of 400 years that begin in March.
    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarchOfYear0 = days + 719_468
        let era = sinceMarchOfYear0 / 146_097
        let dayOfEra = sinceMarchOfYear0 % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func append(twoDigits number: Int, to output: inout [UInt8]) {
        output.append(UInt8(truncatingIfNeeded: number / 10 % 10) + .digitZero)
        output.append(UInt8(truncatingIfNeeded: number % 10) + .digitZero)
    }

    private static func append(name index: Int, of names: String, to output: inout [UInt8]) {
        let start = names.utf8.index(names.utf8.startIndex, offsetBy: index * 3)
        output.append(contentsOf: names.utf8[start...].prefix(3))
    }
}
