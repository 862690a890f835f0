/// Dates in fields: one form is sent, all three are understood (RFC 9110 §5.6.7).
package enum HTTPDate {
    /// Seconds since 1970 began in UTC; nil for what is no date.
    package static func seconds(of text: String) -> Int64? {
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
        let clock = time.split(separator: ":").map { number($0) }
        guard let day = number(day), let month = months.firstIndex(of: month),
            let year = fullYear(year), clock.count == 3,
            let hour = clock[0], let minute = clock[1], let second = clock[2],
            (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = daysSince1970(year: year, month: month + 1, day: day)
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

    /// Two digits are of the century that they are likely of.
    private static func fullYear(_ digits: Substring) -> Int? {
        guard let year = number(digits) else { return nil }
        switch digits.utf8.count {
        case 4: return year
        case 2: return year < 70 ? 2000 + year : 1900 + year
        default: return nil
        }
    }

    /// Counts in eras of 400 years that begin in March.
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
