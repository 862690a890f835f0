import JaegerTracing
import Testing

@Suite struct GoDurationTests {
    @Test(
        arguments: [
            ("0", 0), ("0s", 0), ("1ns", 1), ("1us", 1_000), ("1µs", 1_000), ("1μs", 1_000),
            ("100ms", 100_000_000), ("1.5s", 1_500_000_000), (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("1h2m3.004s", 3_723_004_000_000), ("+2m", 120_000_000_000),
            ("2d", 172_800_000_000_000),
            ("0.0000000001s", 0), ("1.999999999999s", 1_999_999_999),
        ] as [(String, UInt64)])
    func `parses Go's notation`(text: String, nanoseconds: UInt64) {
        #expect(GoDuration.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: [
        "", "5", "-1s", "s", ".s", "1x", "1 s", "1.2.3s", "s1", "+", "1s2", "٣s", "99999999999h",
        "18446744073709551615s", "18446744073709551616ns", "1e3s",
    ])
    func `any other text is rejected`(text: String) {
        #expect(GoDuration.nanoseconds(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ns"), (-1, "-1ns"), (1500, "1.5µs"), (1_000_000, "1ms"),
            (1_001_000, "1.001ms"), (999_999_999, "999.999999ms"), (5_000_000_000, "5s"),
            (-5_500_000_000, "-5.5s"), (60_000_000_000, "1m0s"), (61_050_000_000, "1m1.05s"),
            (3_600_000_000_000, "1h0m0s"), (90_061_000_000_001, "25h1m1.000000001s"),
        ] as [(Int128, String)])
    func `durations are formatted like in Go`(nanoseconds: Int128, text: String) {
        #expect(GoDuration.text(nanoseconds) == text)
    }
}
