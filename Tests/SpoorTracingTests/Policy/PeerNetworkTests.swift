import SpoorHTTP
import Testing

@testable import SpoorTracing

@Suite struct PeerNetworkTests {
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
    func `a network contains the addresses of its prefix`(
        network: String, address: String, isIn: Bool
    ) throws {
        let peer: ConnectionInfo.Endpoint =
            address.contains(":") ? .ipv6(address, port: 1) : .ipv4(address, port: 1)
        #expect(try PeerNetwork(network).contains(peer) == isIn)
    }

    @Test func `Unix sockets are a network, and a missing connection is in none`() throws {
        #expect(try PeerNetwork("unix").contains(.unix("")))
        #expect(try !PeerNetwork("unix").contains(.none))
        #expect(try !PeerNetwork("0.0.0.0/0").contains(.unix("/a")))
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "::/129", "a/8",
    ])
    func `a text that is not a network is in the error`(text: String) {
        #expect(throws: PeerNetworkError(text: text)) { try PeerNetwork(text) }
        #expect(PeerNetworkError(text: text).description.contains("\"\(text)\""))
    }
}
