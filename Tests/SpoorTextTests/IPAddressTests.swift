import SpoorText
import Testing

@Suite struct IPAddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("192.0.2.7", 0xc000_0207), ("255.255.255.255", 0xffff_ffff),
        ] as [(String, UInt128)])
    func `parses IPv4`(text: String, bits: UInt128) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bits == bits)
        #expect(address.family == .ipv4)
    }

    @Test(
        arguments: [
            ("::", 0), ("::1", 1), ("1::", 1 << 112), ("1:2:3:4:5:6:7:8", nil),
            ("2001:DB8::a:0", 0x2001_0db8_0000_0000_0000_0000_000a_0000),
            ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000),
            ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004_0005_0006_0007_0008),
            ("64:ff9b::192.0.2.7", 0x0064_ff9b_0000_0000_0000_0000_c000_0207),
        ] as [(String, UInt128?)])
    func `parses IPv6`(text: String, bits: UInt128?) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bits == bits ?? 0x0001_0002_0003_0004_0005_0006_0007_0008)
        #expect(address.family == .ipv6)
    }

    @Test func `an IPv4-mapped IPv6 address unmaps to the IPv4 address`() {
        #expect(IPAddress("::ffff:192.0.2.7")?.unmapped == IPAddress("192.0.2.7"))
        #expect(IPAddress("::ffff:192.0.2.7") != IPAddress("192.0.2.7"))
        #expect(IPAddress(ofPeer: "::ffff:192.0.2.7%2") == IPAddress("192.0.2.7"))
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "+1.2.3.4", "1..2.3",
        ":", ":::", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::", "1::2::3", "12345::",
        "g::",
        ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1.2.3.4::", "::1.2.3.4:5", "[::1]", "localhost",
        "99999999999999999999.1.1.1", "fe80::1%eth0", "1:2:3:4:5:6:7:1.2.3.4",
        "::1:2:3:4:5:6:1.2.3.4", "1.2.3.4:5", "::1.2.3", "1::2:", ":1::2", "::%",
    ])
    func `rejects anything else`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"), ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"),
        ("::ffff:c000:207", "::ffff:192.0.2.7"), ("::1.2.3.4", "::102:304"),
        ("1:02:003:0004:5:6:7:8", "1:2:3:4:5:6:7:8"), ("10.0.0.1", "10.0.0.1"),
    ])
    func `is written as RFC 5952 requires`(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(octets: address.octets) == address)
        #expect(IPAddress(octets: address.octets + [0]) == nil)
    }

    @Test func `has octets in network order and recognizes loopback addresses`() {
        #expect(IPAddress("192.0.2.7")?.octets == [192, 0, 2, 7])
        #expect(IPAddress("2001:db8::1")?.octets.count == 16)
        #expect(IPAddress("127.9.9.9")?.isLoopback == true && IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("128.0.0.1")?.isLoopback == false && IPAddress("::")?.isLoopback == false)
    }

    @Test func `a literal between brackets is parsed in place`() {
        let bytes = Array("[2001:db8::7]:80".utf8)
        #expect(IPAddress(ipv6: bytes.span, 1..<12) == IPAddress("2001:db8::7"))
        #expect(IPAddress(ipv6: bytes.span, 0..<13) == nil)
        #expect(IPAddress(ipv6: bytes.span, 1..<1) == nil)
        #expect(IPAddress(ipv6: Array("192.0.2.7".utf8).span, 0..<9) == nil)
    }
}

@Suite struct IPNetworkTests {
    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("192.0.2.7", "192.0.2.7/32"), ("::1", "::1/128"),
        ("2001:db8:1::/32", "2001:db8::/32"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("1.2.3.4/032", "1.2.3.4/32"),
    ])
    func `parses an address and a prefix length`(text: String, canonical: String) throws {
        let network = try #require(IPNetwork(text))
        #expect(network.description == canonical)
        #expect(IPNetwork(canonical) == network)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8",
        "10.0.0.0/8/8", "10.0.0.0/0008", "10.0.0.0/8 ", "fe80::1%eth0/64", "unix",
    ])
    func `rejects anything else`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func `families do not mix, and no prefix is longer than the address`() throws {
        let all = try #require(IPNetwork("::/0"))
        let mapped = try #require(IPAddress("::ffff:192.0.2.7"))
        #expect(all.contains(mapped) && !all.contains(mapped.unmapped))
        #expect(IPNetwork(mapped.unmapped, prefixLength: 33) == nil)
        #expect(IPNetwork(mapped, prefixLength: -1) == nil)
    }
}
