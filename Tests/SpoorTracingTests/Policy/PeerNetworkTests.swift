import SpoorHTTP
import Testing

@testable import SpoorTracing

@Suite struct PeerNetworkTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("192.0.2.7", 0xc000_0207), ("255.255.255.255", 0xffff_ffff),
        ] as [(String, UInt128)])
    func `reads IPv4`(text: String, bits: UInt128) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bits == bits)
        #expect(!address.isIPv6)
    }

    @Test(
        arguments: [
            ("::", 0), ("::1", 1), ("1::", 1 << 112), ("1:2:3:4:5:6:7:8", nil),
            ("2001:DB8::a:0", 0x2001_0db8_0000_0000_0000_0000_000a_0000),
            ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000),
            ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004_0005_0006_0007_0008),
            ("64:ff9b::192.0.2.7", 0x0064_ff9b_0000_0000_0000_0000_c000_0207),
            ("fe80::1%eth0", 0xfe80_0000_0000_0000_0000_0000_0000_0001),
        ] as [(String, UInt128?)])
    func `reads IPv6`(text: String, bits: UInt128?) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bits == bits ?? 0x0001_0002_0003_0004_0005_0006_0007_0008)
        #expect(address.isIPv6)
    }

    @Test func `an IPv4 address that is mapped into IPv6 is the IPv4 address`() {
        #expect(IPAddress("::ffff:192.0.2.7") == IPAddress("192.0.2.7"))
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "+1.2.3.4", "1..2.3",
        ":", ":::", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::", "1::2::3", "12345::",
        "g::",
        ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1.2.3.4::", "::1.2.3.4:5", "[::1]", "localhost",
        "99999999999999999999.1.1.1",
    ])
    func `reads nothing else`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.1.2.3/8", "10.9.9.9", true), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false), ("192.0.2.6/31", "192.0.2.7", true),
        ("192.0.2.6/31", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "192.0.2.7", false), ("::/0", "2001:db8::1", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("fe80::/10", "fe80::1%3", true), ("::1", "::1", true), ("::1/128", "::2", false),
        ("192.0.2.0/24", "::ffff:192.0.2.7", true), ("unix", "192.0.2.7", false),
        ("192.0.2.0/24", "nonsense", false),
    ])
    func `a network has the addresses of its prefix`(
        network: String, address: String, isIn: Bool
    ) throws {
        let peer: ConnectionInfo.Endpoint =
            address.contains(":") ? .ipv6(address, port: 1) : .ipv4(address, port: 1)
        #expect(try PeerNetwork(network).contains(peer) == isIn)
    }

    @Test func `Unix sockets are a network, and no connection is in none`() throws {
        #expect(try PeerNetwork("unix").contains(.unix("")))
        #expect(try !PeerNetwork("unix").contains(.none))
        #expect(try !PeerNetwork("0.0.0.0/0").contains(.unix("/a")))
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "::/129", "a/8",
    ])
    func `what is no network is named in the error`(text: String) {
        #expect(throws: PeerNetworkError(text: text)) { try PeerNetwork(text) }
        #expect(PeerNetworkError(text: text).description.contains("\"\(text)\""))
    }
}
