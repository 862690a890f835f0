import JaegerContext
import Testing

@Suite struct BaggageTests {
    @Test func `keys are case-sensitive`() {
        var baggage: Baggage = ["userId": "ann"]
        #expect(baggage["userid"] == nil)
        baggage["UserID"] = "bob"
        baggage["userId"] = "carol"
        #expect(baggage.items.map(\.key) == ["userId", "UserID"])
        #expect(baggage["userId"] == "carol")
        baggage["userId"] = nil
        #expect(baggage.items.map(\.value) == ["bob"])
    }

    @Test(arguments: ["", "K e", "a:b", "ü", "a\r\nb", "a=b", "a,b"])
    func `keys that are not allowed in a header name are rejected`(key: String) {
        var baggage = Baggage()
        #expect(baggage.set(key, "v", within: BaggageLimits()) == .invalidKey)
        #expect(baggage.isEmpty)
    }

    @Test func `the number of pairs is limited, replacing is not`() {
        var baggage = Baggage()
        let limits = BaggageLimits(maxItemCount: 2)
        #expect(baggage.set("a", "1", within: limits) == .set)
        #expect(baggage.set("b", "2", within: limits) == .set)
        #expect(baggage.set("c", "3", within: limits) == .overLimit)
        #expect(baggage.set("a", "4", within: limits) == .replaced)
        #expect(baggage["a"] == "4")
        #expect(baggage["c"] == nil)
    }

    @Test func `the bytes are limited, and a replacement frees those of the previous value`() {
        var baggage = Baggage()
        let limits = BaggageLimits(maxByteCount: 10)
        #expect(baggage.set("a", "123456789", within: limits) == .set)
        #expect(baggage.byteCount == 10)
        #expect(baggage.set("a", "987654321", within: limits) == .replaced)
        #expect(baggage.set("a", "9876543210", within: limits) == .overLimit)
        #expect(baggage.set("b", "", within: limits) == .overLimit)
        #expect(baggage["a"] == "987654321")
    }
}
