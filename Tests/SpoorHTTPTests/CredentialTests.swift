import HTTPTypes
import SpoorHTTP
import SpoorText
import Testing

@Suite struct CredentialTests {
    // P143
    @Test func `a request with two credentials is rejected with a problem`() {
        var headers = Headers()
        headers.append(.authorization, "Basic dTpw")
        headers.append(.authorization, "Basic eDp5")
        let problem = #expect(throws: Problem.self) { try headers.authorization }
        #expect(problem?.status == .badRequest)
        #expect(
            problem?.violations.map(\.description)
                == ["header Authorization: occurs 2 times, must occur once"])
    }

    // P143
    @Test func `malformed credentials are none`() throws {
        let header = try ([.authorization: "garbage"] as Headers).authorization
        #expect(header?.scheme == "garbage" && header?.basic == nil && header?.bearerToken == nil)
        let none = try ([.authorization: "=x"] as Headers).authorization
        #expect(none == nil)
    }

    // P141
    @Test(arguments: ["Bearer tok", "bearer tok", "BEARER  tok", "Bearer   tok"])
    func `the case of the scheme and the number of spaces do not matter`(value: String) throws {
        let header = try ([.authorization: value] as Headers).authorization
        #expect(header?.bearerToken == "tok")
    }

    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("secret", "secret", true), ("é", "é", true),
        ("", "a", false), ("a", "", false), ("a", "aa", false), ("aa", "a", false),
        ("secreT", "secret", false), ("Secret", "secret", false), ("secretsecret", "secret", false),
        // Canonically equivalent texts are other bytes.
        ("e\u{301}", "\u{E9}", false), ("\0", "", false), ("", "\0", false),
    ])
    func `secrets are compared byte by byte`(candidate: String, secret: String, isEqual: Bool) {
        #expect(ConstantTime.areEqual(candidate, secret) == isEqual)
    }

    @Test func `every differing byte is found`() {
        let secret = [UInt8](0..<64)
        #expect(ConstantTime.areEqual(secret, secret))
        for index in secret.indices {
            var other = secret
            other[index] ^= 0x80
            #expect(!ConstantTime.areEqual(other, secret))
            #expect(!ConstantTime.areEqual(Array(secret[..<index]), secret))
        }
    }

    // P142
    @Test func `user and password must both match`() throws {
        let basic = try #require(
            try ([.authorization: "Basic dTpw"] as Headers).authorization?.basic)
        #expect(basic.matches(user: "u", password: "p"))
        #expect(!basic.matches(user: "u", password: "q"))
        #expect(!basic.matches(user: "v", password: "p"))
        #expect(!basic.matches(user: "", password: ""))
    }
}
