import SpoorText
import Testing

/// The values of request headers: content codings, languages, entity tags, ranges and credentials.
@Suite struct HeaderValueTests {
    @Test(
        arguments: [
            (nil, "identity"), ("", "identity"), ("gzip", "gzip"), ("br", "br"), ("*", "br"),
            ("gzip;q=0", "identity"), ("identity;q=1, *;q=0", "identity"), ("GZIP", "gzip"),
            ("supergzip", "identity"), ("gzip, identity", "gzip"), ("x-gzip", "gzip"),
            ("gzip;q=0.5, br;q=0.9", "br"), ("gzip, identity;q=0", "gzip"),
            ("gzip;q=0.5, identity", "identity"), ("identity;q=0", nil), ("*;q=0", nil),
            ("deflate, *;q=0", nil), ("gzip;q=2, br;q=0.1", "br"), ("gzip;x, br;q=0.1;x", "br"),
        ] as [(String?, String?)])
    func `a content coding is chosen by its quality`(header: String?, expected: String?) {
        #expect(AcceptedEncodings(header).preferred(among: ["br", "gzip"]) == expected)
    }

    @Test(
        arguments: [
            (nil, "en"), ("", "en"), ("de", "de"), ("DE", "de"), ("de-CH, en;q=0.8", "de"),
            ("en-US", "en"), ("pt", "pt-BR"), ("pt-PT", "pt-BR"), ("zh-Hant-x-y", "zh-Hant"),
            ("fr", nil), ("fr, *;q=0.1", "en"), ("*, en;q=0", "de"), ("en;q=0.1, de;q=0.2", "de"),
            ("xx, de;q=0", nil), ("a_b, de", "de"), ("de;q=0.5;x=1, en;q=0.4", "de"),
        ] as [(String?, String?)])
    func `a language is chosen by range and quality`(header: String?, expected: String?) {
        let available = ["en", "de", "pt-BR", "zh-Hant"]
        #expect(AcceptedLanguages(header).preferred(among: available) == expected)
    }

    @Test(arguments: [
        ("\"a\"", "a", false), ("W/\"a\"", "a", true), ("\"\"", "", false),
        ("\"a,b\"", "a,b", false), ("\"\\\"", "\\", false), ("\"é\"", "é", false),
    ])
    func `an entity tag is read and written`(text: String, opaque: String, isWeak: Bool) throws {
        let tag = try #require(EntityTag(text))
        #expect(tag.opaque == opaque && tag.isWeak == isWeak)
        #expect(tag.description == text)
    }

    @Test(arguments: ["", "a", "\"a", "a\"", "w/\"a\"", "W/a", "\"a b\"", "\"a\"b", "\"a\" ", "*"])
    func `anything else is not an entity tag`(text: String) {
        #expect(EntityTag(text) == nil)
    }

    @Test(arguments: [
        // P152, P153, P154
        ("\"x\", W/\"a\"", true, false), ("*", true, true), (" * ", true, true),
        ("\"a\"", true, true), ("W/\"a\"", true, false), ("\"b\"", false, false),
        ("\"foo,*,bar\"", false, false), (", \"b\" ,\"a\",", true, true), ("a", false, false),
        ("\"a\" \"b\"", false, false), ("\"a\", *", false, false), ("", false, false),
        ("*, \"a\"", false, false), ("\"a", false, false), ("\"\u{1}\", \"a\"", false, false),
    ])
    func `a list of tags is compared weakly or strongly`(
        text: String, isWeakMatch: Bool, isStrongMatch: Bool
    ) {
        let list = EntityTagList(text)
        #expect(list.weaklyMatches(EntityTag(opaque: "a")) == isWeakMatch)
        #expect(list.stronglyMatches(EntityTag(opaque: "a")) == isStrongMatch)
        #expect(!list.stronglyMatches(EntityTag(opaque: "a", isWeak: true)) || list == .any)
        #expect(list.weaklyMatches(nil) == (list == .any))
    }

    @Test func `a tag that is not UTF-8 matches nothing, and the other tags do`() {
        let list = EntityTagList([0x22, 0xFF, 0x22, 0x2C, 0x22, 0x61, 0x22])
        #expect(list == .tags(EntityTag(opaque: "a").map { [$0] } ?? []))
    }

    @Test(
        arguments: [
            ("bytes=0-499", [0..<500]), ("bytes=-200", [800..<1000]), ("bytes=990-", [990..<1000]),
            ("bytes=0-0,-1", [0..<1, 999..<1000]), ("bytes=0-1 , 5-6", [0..<2, 5..<7]),
            ("bytes=0-1,2000-", [0..<2]), ("bytes=1000-", []), ("bytes=-0", []),
            ("bytes=-5000", [0..<1000]), ("bytes=0-99999999999999999999", [0..<1000]),
            ("BYTES=1-2", [1..<3]),
        ] as [(String, [Range<Int>])])
    func `ranges become positions`(text: String, expected: [Range<Int>]) throws {
        let ranges = try #require(ByteRanges(text))
        #expect(ranges.resolved(byteCount: 1000) == expected)
        #expect(ranges.resolved(byteCount: 0).isEmpty)
        #expect(ByteRanges("\(ranges)") == ranges)
    }

    @Test(arguments: [
        "", "bytes", "bytes=", "bytes=-", "bytes=2-1", "lines=1-2", "bytes=1-2-3", "bytes=--1",
        "bytes=a-b", "bytes= 1-2", "bytes=+1-2", "bytes=1-2,", "bytes=1-2;3-4", "bytes 1-2",
        "bytes=" + (0...64).map { "\($0)-" }.joined(separator: ","),
    ])
    func `anything else is not a range`(text: String) {
        #expect(ByteRanges(text) == nil)
    }

    @Test(
        arguments: [
            ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"),
            ("basic  dTo=", "u", ""), ("BASIC dTphOmI=", "u", "a:b"), ("Basic OnA=", "", "p"),
            ("Basic w6k6cA==", "é", "p"),
            ("Basic", nil, nil), ("Basic dXA=", nil, nil), ("Basic dTp!", nil, nil),
            ("Basic dTpw dTpw", nil, nil), ("Bearer dTpw", nil, nil), ("Basic dTpwCg==", nil, nil),
            ("Basic 6Tpw", nil, nil),
        ] as [(String, String?, String?)])
    func `Basic has a user and a password`(text: String, user: String?, password: String?) {
        let basic = AuthorizationHeader(text)?.basic
        #expect(basic?.user == user && basic?.password == password)
    }

    @Test(
        arguments: [
            ("Bearer abc", "abc"), ("BEARER  tok", "tok"),
            ("bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="),
            ("Bearer", nil), ("Bearer a b", nil), ("Bearer a=b", nil), ("Bearer =", nil),
            ("Bearer\tabc", nil), ("Basic abc", nil), ("", nil), (" ", nil),
        ] as [(String, String?)])
    func `Bearer has a token`(text: String, token: String?) {
        #expect(AuthorizationHeader(text)?.bearerToken == token)
    }

    @Test func `descriptions contain no secrets`() throws {
        let header = try #require(AuthorizationHeader("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))
        #expect("\(header)" == "Basic …")
        #expect(header.basic.map { "\($0)" } == "Basic Aladdin:…")
    }

    @Test func `no cut and no changed byte is a fault`() {
        let values = [
            "gzip;q=0.5, x-gzip, *;q=0", "de-CH, en;q=0.8;x, *", "W/\"a\", \"b,c\" , *",
            "bytes=0-499, -200,5-", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "for=\"[2001:db8::1]:4711\";proto=https;by=_x, for=unknown",
        ]
        for whole in values.map({ Array($0.utf8) }) {
            var variants = (0...whole.count).map { Array(whole[..<$0]) }
            variants += whole.map { [$0] }
            for index in whole.indices {
                for byte in [0, 0x20, 0x22, 0x2A, 0x2C, 0x2D, 0x3B, 0x3D, 0x5C, 0xFF] as [UInt8] {
                    var changed = whole
                    changed[index] = byte
                    variants.append(changed)
                }
            }
            for variant in variants { checkAll(String(decoding: variant, as: UTF8.self)) }
        }
    }

    private func checkAll(_ text: String) {
        #expect(AcceptedEncodings(text).elements.allSatisfy { (0...1000).contains($0.quality) })
        #expect(AcceptedLanguages(text).preferred(among: ["de"]) != "en")
        if let tag = EntityTag(text) { #expect(tag.description == text) }
        let list = EntityTagList(text)
        #expect(EntityTagList("\(list)") == list)
        for range in ByteRanges(text)?.resolved(byteCount: 10) ?? [] {
            #expect(range.lowerBound >= 0 && range.upperBound <= 10 && !range.isEmpty)
        }
        if let basic = AuthorizationHeader(text)?.basic { #expect(!basic.user.contains(":")) }
        #expect(ForwardedElement.elements(ofForwarded: text).count <= text.utf8.count)
    }
}
