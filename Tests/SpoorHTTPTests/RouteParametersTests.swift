import Testing

@testable import SpoorHTTP

@Suite struct RouteParametersTests {
    @Test func `gives what stands in place of a name, decoded once`() {
        let path = Array("/hello/J%C3%BCrgen%2520/a+b".utf8)
        let parameters = RouteParameters(
            names: ["name", "rest"], ranges: [7..<23, 24..<27], bytes: path)
        #expect(parameters["name"] == "Jürgen%20")
        #expect(parameters["rest"] == "a+b")
        #expect(parameters["other"] == nil)
        #expect(RouteParameters(names: ["a"], ranges: [], bytes: [])["a"] == nil)
    }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41", "A"), ("%4a%4A", "JJ"), ("%", "%"), ("%4", "%4"),
        ("%zz", "%zz"), ("%%41", "%A"), ("%e2%82%ac", "€"), ("%ff", "\u{FFFD}"), ("%00", "\0"),
        ("%2e%2e%2f", "../"), ("a%4", "a%4"), ("%4%41", "%4A"),
    ])
    func `decodes percent-encoded bytes, and leaves what is none`(encoded: String, text: String) {
        #expect(percentDecoded(Array(encoded.utf8)[...]) == text)
        #expect(percentDecoded(Array(("x" + encoded).utf8)[1...]) == text)
    }

    @Test func `knows hexadecimal digits of either case`() {
        for byte in UInt8.min...UInt8.max {
            let digit = byte < 0x80 ? Character(Unicode.Scalar(byte)).hexDigitValue : nil
            #expect(hexValue(byte).map { Int($0) } == digit)
        }
    }
}

@Suite struct ConnectionInfoTests {
    @Test func `prints addresses as they are written`() {
        #expect(ConnectionInfo.Endpoint.ipv4("127.0.0.1", port: 80).description == "127.0.0.1:80")
        #expect(ConnectionInfo.Endpoint.ipv6("::1", port: 80).description == "[::1]:80")
        #expect(ConnectionInfo.Endpoint.unix("/run/a").description == "unix:/run/a")
        #expect(ConnectionInfo.Endpoint.none.description == "-")
        #expect(!ConnectionInfo.unknown.isSecure)
    }
}
