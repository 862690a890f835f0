import SpoorText
import Testing

@Suite struct ContentDispositionTests {
    @Test(arguments: [
        ("report.pdf", "attachment; filename=\"report.pdf\""),
        (
            "März.csv", "attachment; filename=\"M_rz.csv\"; filename*=UTF-8''M%C3%A4rz.csv"
        ),
        // P082: only attr-char is not encoded.
        (
            "it's (1)*é.txt",
            "attachment; filename=\"it's (1)*_.txt\"; filename*=UTF-8''it%27s%20%281%29%2A%C3%A9.txt"
        ),
        ("a\"b.png", "attachment; filename=\"a_b.png\"; filename*=UTF-8''a%22b.png"),
        ("50%off.pdf", "attachment; filename=\"50_off.pdf\"; filename*=UTF-8''50%25off.pdf"),
        ("../../etc/passwd", "attachment; filename=\"passwd\""),
        ("C:\\dir\\x.txt", "attachment; filename=\"x.txt\""),
        ("a\r\nSet-Cookie: x", "attachment; filename=\"aSet-Cookie: x\""),
        ("exe\u{202E}fdp.x", "attachment; filename=\"exefdp.x\""),
        ("", "attachment; filename=\"download\""), ("..", "attachment; filename=\"download\""),
        ("a/", "attachment; filename=\"download\""),
        (" \u{7F} ", "attachment; filename=\"download\""),
    ])
    func `a file name is safe and complete`(name: String, header: String) {
        let disposition = ContentDisposition.attachment(named: name)
        #expect("\(disposition)" == header)
        #expect("\(disposition)".utf8.allSatisfy { $0 == 0x20 || $0.isVisibleASCII })
    }

    @Test func `the name is optional`() {
        #expect("\(ContentDisposition.attachment())" == "attachment")
        #expect("\(ContentDisposition.inline(named: "a.txt"))" == "inline; filename=\"a.txt\"")
    }
}

extension UInt8 {
    fileprivate var isVisibleASCII: Bool { self > 0x20 && self < 0x7F }
}
