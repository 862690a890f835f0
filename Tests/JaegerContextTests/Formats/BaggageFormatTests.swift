@testable import JaegerContext
import TestSupport
import Testing

@Suite struct BaggageFormatTests {
    private func extract(_ fields: HeaderList) -> ContextExtraction {
        Propagation(formats: [.baggage]).extract(from: fields)
    }

    @Test(
        arguments: [
            ("k=v", ["k": "v"]), ("k1=v1,k2=v2", ["k1": "v1", "k2": "v2"]),
            (" k1 = v1 , k2 = v2 ", ["k1": "v1", "k2": "v2"]),
            ("k1=v1;p1;p2=x;p3 = y , k2=v2;p", ["k1": "v1", "k2": "v2"]),
            ("k=a%20b%2C%3D", ["k": "a b,="]), ("k=a=b", ["k": "a=b"]), ("k=a+b", ["k": "a+b"]),
            ("k=", ["k": ""]), ("k=;p=1", ["k": ""]), ("K=v", ["K": "v"]),
            ("userId=alice,UserID=bob", ["userId": "alice", "UserID": "bob"]),
            ("k=%C3%A9", ["k": "é"]), ("k=%FF", ["k": "\u{fffd}"]), ("k=%4", ["k": "%4"]),
            ("k=1,k=2", ["k": "2"]), ("", [:]), (",,", [:]), ("é=1,k=v", ["k": "v"]),
            ("k1=v1;p=a=b,k2=v2", ["k1": "v1", "k2": "v2"]),
        ] as [(String, Baggage)])
    func `keys and values are parsed`(sent: String, expected: Baggage) {
        let read = extract(["baggage": sent]).context?.baggage ?? [:]
        for item in expected.items { #expect(read[item.key] == item.value) }
        #expect(Set(read.items.map(\.key)) == Set(expected.items.map(\.key)))
    }

    @Test(arguments: [
        ("k=v", ""), ("k=v;p", "p"), ("k=v ; p1 ;p2 = x ", "p1 ;p2 = x"), ("k=v;", ""),
        ("k=v;p=a%20b", "p=a%20b"),
    ])
    func `properties are kept as received`(sent: String, properties: String) {
        #expect(extract(["baggage": sent]).context?.baggage.items.map(\.properties) == [properties])
    }

    @Test func `several headers form one list`() {
        let fields: HeaderList = [("baggage", "a=1"), ("Baggage", "b=2, c=3")]
        #expect(extract(fields).context?.baggage.items.map(\.key) == ["a", "b", "c"])
    }

    @Test(arguments: ["k", "k;p=v", "=v", "k e=v", "k1 k2"])
    func `malformed members are dropped and counted`(sent: String) {
        let extraction = extract([("baggage", sent)])
        #expect(extraction.context == nil)
        #expect(extraction.rejectedBaggageCount == 1)
        #expect(extraction.malformedCount == 0)
    }

    @Test func `an endless list is not read completely`() {
        let list = String(repeating: "é=1,", count: 20_000)
        #expect(extract([("baggage", list + "k=v")]).rejectedBaggageCount == 128)
    }

    @Test func `the header is limited, although encoding makes it longer`() throws {
        var baggage = Baggage()
        baggage["big"] = String(repeating: "é", count: 3_000)
        baggage["small"] = "v"
        #expect(baggage.w3cText == "small=v")
        baggage["big"] = String(repeating: "x", count: 8_192 - 4 - 8)
        #expect(baggage.w3cText?.utf8.count == 8_192)
        baggage["small"] = "vv"
        #expect(baggage.w3cText?.utf8.count == 8_192 - 8)
    }

    @Test func `formatting and parsing results in the same baggage`() {
        let baggage: Baggage = ["a": "1", "b": "é,;=\" %\\", "c": "", "!#$%&'*+-.^_`|~": "x"]
        #expect(extract(["baggage": baggage.w3cText ?? ""]).context?.baggage == baggage)
        #expect(Baggage().w3cText == nil)
    }
}
