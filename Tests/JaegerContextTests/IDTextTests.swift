import JaegerContext
import Testing

@Suite struct IDTextTests {
    @Test(
        arguments: [
            ("1", 0, 1), ("0001", 0, 1), ("ffffffffffffffff", 0, .max), ("10000000000000000", 1, 0),
            ("FFFFFFFFFFFFFFFFffffffffffffffff", .max, .max), ("0", 0, 0),
            ("0123456789abcdef0123456789ABCDEF", 0x0123_4567_89ab_cdef, 0x0123_4567_89ab_cdef),
        ] as [(String, UInt64, UInt64)])
    func `reads trace ids of 1 to 32 digits`(text: String, high: UInt64, low: UInt64) {
        #expect(TraceID(text) == TraceID(high: high, low: low))
    }

    @Test(arguments: ["", "g", " 1", "1 ", "-1", "0x1", "000000000000000000000000000000001"])
    func `rejects other trace ids`(text: String) {
        #expect(TraceID(text) == nil)
    }

    @Test(arguments: ["", "g", "00000000000000001", "+1"])
    func `rejects other span ids`(text: String) {
        #expect(SpanID(text) == nil)
    }

    @Test func `reads span ids of 1 to 16 digits`() {
        #expect(SpanID("1") == SpanID(1))
        #expect(SpanID("FFFFffffFFFFffff") == SpanID(.max))
    }

    @Test func `writes ids padded with zeros, most significant digit first`() {
        #expect(TraceID(low: 0x0102_0304_0506_0708).description == "0102030405060708")
        #expect(
            TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10).description
                == "0102030405060708090a0b0c0d0e0f10")
        #expect(TraceID(high: 1, low: 0).description == "00000000000000010000000000000000")
        #expect(SpanID(0xab).description == "00000000000000ab")
    }
}
