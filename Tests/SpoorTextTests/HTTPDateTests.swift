import SpoorText
import Testing

@Suite struct HTTPDateTests {
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ])
    func `parses the three forms of a date`(text: String) {
        #expect(HTTPDate(text)?.secondsSince1970 == 784_111_777)
    }

    @Test(arguments: [
        "", "Sun", "06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 25:00:00 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 99999999999999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Thu, 31 Apr 2026 08:49:37 GMT", "Sun, 29 Feb 2026 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08::49:37 GMT",
    ])
    func `a text that is not a date is rejected`(text: String) {
        #expect(HTTPDate(text) == nil)
    }

    @Test(arguments: [0, 1, 951_782_400, 951_868_799, 4_107_542_400, 253_402_300_799] as [Int64])
    func `parses what it writes`(seconds: Int64) {
        #expect(
            HTTPDate(HTTPDate(secondsSince1970: seconds).description)?.secondsSince1970 == seconds)
    }

    @Test func `goes through the days of two centuries in order`() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        var days = 0
        for year in 1970..<2170 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for month in 0..<12 {
                for day in 1...(lengths[month] + (month == 1 && isLeap ? 1 : 0)) {
                    var text: [UInt8] = []
                    HTTPDate(secondsSince1970: Int64(days) * 86400).append(to: &text)
                    let wanted =
                        "\(weekdays[days % 7]), \(day < 10 ? "0" : "")\(day) \(months[month]) \(year)"
                    if !text.starts(with: wanted.utf8) { Issue.record("\(wanted)") }
                    days += 1
                }
            }
        }
    }

    @Test func `dates outside the expressible range are clamped`() {
        #expect(HTTPDate(secondsSince1970: .max).description == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate(secondsSince1970: .min).description == "Mon, 01 Jan 0001 00:00:00 GMT")
        #expect(HTTPDate(secondsSince1970: 1) < HTTPDate(secondsSince1970: 2))
    }
}
