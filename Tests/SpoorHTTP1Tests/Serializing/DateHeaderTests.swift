import Testing

@testable import SpoorHTTP1

@Suite struct DateHeaderTests {
    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
            (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
            (Int64.min, "Mon, 01 Jan 0001 00:00:00 GMT"),
        ] as [(Int64, String)])
    func `writes a date in the HTTP format`(seconds: Int64, text: String) {
        #expect(
            String(decoding: DateHeader(unixSeconds: seconds).line, as: UTF8.self)
                == "Date: \(text)\r\n")
    }

    @Test func `rewrites the line when the second changes`() {
        var field = DateHeader(unixSeconds: 0)
        let before = field.line
        field.refresh(unixSeconds: 0)
        #expect(field.line == before)
        field.refresh(unixSeconds: 1)
        #expect(
            String(decoding: field.line, as: UTF8.self) == "Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n"
        )
    }
}
