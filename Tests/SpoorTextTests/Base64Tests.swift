import SpoorText
import Testing

@Suite struct Base64Tests {
    @Test(
        arguments: [
            ([], "", ""), ([0], "AA==", "AA"), ([0, 255], "AP8=", "AP8"),
            ([0, 255, 128], "AP+A", "AP-A"), ([255, 255, 191], "//+/", "__-_"),
            ([1, 2, 3, 4], "AQIDBA==", "AQIDBA"), (Array("foobar".utf8), "Zm9vYmFy", "Zm9vYmFy"),
        ] as [([UInt8], String, String)])
    func `bytes are encoded and decoded`(bytes: [UInt8], standard: String, urlSafe: String) {
        #expect(Base64.standard.encode(bytes) == standard)
        #expect(Base64.urlSafe.encode(bytes) == urlSafe)
        #expect(Base64.standard.decode(standard) == bytes)
        #expect(Base64.urlSafe.decode(urlSafe) == bytes)
    }

    @Test(arguments: [
        "A", "AA", "AA=", "AA===", "A===", "AB==", "AAB=", "AA==AA==", " AA==", "AA==\n", "A-A=",
        "====", "=", "AAA=A", "\u{e9}A==",
    ])
    func `invalid encodings are rejected`(text: String) {
        #expect(Base64.standard.decode(text) == nil)
    }

    @Test func `the form for URLs accepts padding and has its own alphabet`() {
        #expect(Base64.urlSafe.decode("AA==") == [0])
        #expect(Base64.urlSafe.decode("AA=") == nil)
        #expect(Base64.urlSafe.decode("AP+A") == nil)
        #expect(Base64.urlSafe.decode("AB") == nil)
    }

    @Test func `every byte at every position is decoded to itself`() {
        for byte in UInt8.min...UInt8.max {
            for count in 1...4 {
                let bytes = [UInt8](repeating: byte, count: count)
                for form in Base64.allCases {
                    #expect(form.decode(form.encode(bytes)) == bytes)
                }
            }
        }
    }
}
