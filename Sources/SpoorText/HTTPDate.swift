/// A date as HTTP headers contain it: seconds since 1970 in UTC, without fractions (RFC 9110 §5.6.7).
///
/// ```swift
/// HTTPDate(secondsSince1970: 784_111_777).description  // Sun, 06 Nov 1994 08:49:37 GMT
/// ```
public struct HTTPDate: Hashable, Sendable {
    /// The seconds since 1970-01-01T00:00:00 UTC, without leap seconds; negative for earlier dates.
    public let secondsSince1970: Int64

    /// Creates a date; dates before year 1 or after year 9999, which a header cannot express, are clamped to that
    /// range.
    public init(secondsSince1970: Int64) {
        self.secondsSince1970 = min(max(secondsSince1970, -62_135_596_800), 253_402_300_799)
    }
}

extension HTTPDate: Comparable {
    /// Returns whether the first date is before the second.
    public static func < (first: HTTPDate, second: HTTPDate) -> Bool {
        first.secondsSince1970 < second.secondsSince1970
    }
}

// MARK: - Reading

extension HTTPDate: LosslessStringConvertible {
    /// Parses a date in one of the three forms that recipients must accept: IMF-fixdate, RFC 850 and asctime.
    ///
    /// Returns nil for anything else. The name of the day is not checked against the date.
    public init?(_ description: String) {
        guard let seconds = Self.seconds(of: description) else { return nil }
        self.init(secondsSince1970: seconds)
    }

    private static func seconds(of text: String) -> Int64? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        let (day, month, year, time): (Substring, Substring, Substring, Substring)
        switch words.count {
        // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
        case 6 where words[5] == "GMT":
            (day, month, year, time) = (words[1], words[2], words[3], words[4])
        // Sun Nov  6 08:49:37 1994
        case 5: (day, month, year, time) = (words[2], words[1], words[4], words[3])
        default: return nil
        }
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard let day = number(day), let month = months.firstIndex(of: month),
            let year = fullYear(year), clock.count == 3,
            let hour = clock[0], let minute = clock[1], let second = clock[2],
            (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = daysSince1970(year: year, month: month + 1, day: day)
        // Not the 31st of April, which would be the 1st of May.
        guard civil(daysSince1970: days).day == day else { return nil }
        return Int64(((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ digits: Substring) -> Int? {
        guard (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0.isDigit })
        else { return nil }
        return Int(digits)
    }

    /// Maps a two-digit year to the range 1970…2069.
    private static func fullYear(_ digits: Substring) -> Int? {
        guard let year = number(digits) else { return nil }
        switch digits.utf8.count {
        case 4: return year
        case 2: return year < 70 ? 2000 + year : 1900 + year
        default: return nil
        }
    }

    /// Counts days in eras of 400 years that begin in March.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let yearFromMarch = (month <= 2 ? year - 1 : year) + 400
        let monthFromMarch = (month + 9) % 12
        let era = yearFromMarch / 400
        let yearOfEra = yearFromMarch % 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era - 1) * 146_097 + dayOfEra - 719_468
    }
}

// MARK: - Writing

extension HTTPDate: CustomStringConvertible {
    /// The date as IMF-fixdate, the only form that may be sent: 29 bytes.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the date as IMF-fixdate, 29 bytes.
    package func append(to output: inout [UInt8]) {
        var days = secondsSince1970 / 86400
        var second = Int(secondsSince1970 % 86400)
        if second < 0 {
            second += 86400
            days -= 1
        }
        let (year, month, day) = Self.civil(daysSince1970: Int(days))
        // 1970-01-01 was a Thursday.
        Self.append(name: ((Int(days) + 4) % 7 + 7) % 7, of: "SunMonTueWedThuFriSat", to: &output)
        output.append(contentsOf: ", ".utf8)
        Self.append(twoDigits: day, to: &output)
        output.append(.space)
        Self.append(name: month - 1, of: "JanFebMarAprMayJunJulAugSepOctNovDec", to: &output)
        output.append(.space)
        Self.append(twoDigits: year / 100, to: &output)
        Self.append(twoDigits: year % 100, to: &output)
        output.append(.space)
        Self.append(twoDigits: second / 3600, to: &output)
        output.append(.colon)
        Self.append(twoDigits: second / 60 % 60, to: &output)
        output.append(.colon)
        Self.append(twoDigits: second % 60, to: &output)
        output.append(contentsOf: " GMT".utf8)
    }

    /// Returns the Gregorian date of a day; counts in eras of 400 years that begin in March.
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
