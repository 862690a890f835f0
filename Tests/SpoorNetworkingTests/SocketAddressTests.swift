import CSpoorLinux
import Glibc
import Testing

@testable import SpoorNetworking

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", UInt16(8080), "127.0.0.1:8080"), ("0.0.0.0", 0, "0.0.0.0:0"),
        ("::1", 80, "[::1]:80"), ("::", 65535, "[::]:65535"),
        ("2001:db8::ff00:42:8329", 443, "[2001:db8::ff00:42:8329]:443"),
        ("fe80::1%7", 1, "[fe80::1%7]:1"), ("255.255.255.255", 1, "255.255.255.255:1"),
    ])
    func `parses and prints numeric addresses`(
        host: String, port: UInt16, description: String
    ) throws {
        let address = try #require(SocketAddress(host: host, port: port))
        #expect(address.description == description)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: [
        "", "localhost", "127.1", "1.2.3.4.5", "256.0.0.1", "::1%", "[::1]", ":::", "1.2.3.4 ",
        "::1\u{0}", "fe80::1%no-such-interface",
    ])
    func `rejects names and invalid texts`(host: String) {
        #expect(SocketAddress(host: host, port: 1) == nil)
    }

    @Test(arguments: [
        SocketAddress.loopback(port: 4_711), SocketAddress(host: "2001:db8::7", port: 9),
        SocketAddress(host: "fe80::1%3", port: 9), .unix(path: "/run/some.socket"),
        .unix(path: ""), .unix(path: String(repeating: "p", count: 107)),
    ])
    func `converts to the kernel's form and back`(address: SocketAddress?) throws {
        let address = try #require(address)
        let back = unsafe address.withKernelForm { pointer, length in
            var storage = sockaddr_storage()
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                unsafe bytes.copyMemory(
                    from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
            }
            return SocketAddress(kernelForm: storage, length: length)
        }
        #expect(back == address)
    }

    @Test func `an IPv4-mapped IPv6 address is shown as IPv4`() throws {
        let mapped = try #require(SocketAddress(host: "::ffff:10.0.0.1", port: 5))
        let back = unsafe mapped.withKernelForm { pointer, length in
            var storage = sockaddr_storage()
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                unsafe bytes.copyMemory(
                    from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
            }
            return SocketAddress(kernelForm: storage, length: length)
        }
        #expect(back.description == "10.0.0.1:5")
    }

    @Test func `recognizes loopback addresses`() throws {
        #expect(SocketAddress.loopback(port: 1).isLoopback)
        #expect(SocketAddress.unix(path: "/a").isLoopback)
        #expect(SocketAddress(host: "::1", port: 1)?.isLoopback == true)
        #expect(SocketAddress(host: "127.9.9.9", port: 1)?.isLoopback == true)
        #expect(SocketAddress(host: "10.0.0.1", port: 1)?.isLoopback == false)
        #expect(SocketAddress.unix(path: "/a").description == "unix:/a")
        #expect(SocketAddress.unix(path: "/a").port == nil)
        #expect(SocketAddress.loopback(port: 1).with(port: 2) == .loopback(port: 2))
    }

    @Test func `an error states what failed and why`() {
        #expect(
            SystemError(code: 111, call: "connect").description
                == "connect: Connection refused (111)")
    }

    @Test(arguments: [
        ([], []),
        (["::1"], ["::1"]),
        (["::1", "::2", "10.0.0.1"], ["::1", "10.0.0.1", "::2"]),
        (
            ["10.0.0.1", "::1", "10.0.0.2", "10.0.0.3"],
            ["10.0.0.1", "::1", "10.0.0.2", "10.0.0.3"]
        ),
        (["10.0.0.1", "10.0.0.2", "::1", "::1"], ["10.0.0.1", "::1", "10.0.0.2"]),
    ])
    func `families alternate, starting with that of the first address`(
        hosts: [String], expected: [String]
    ) {
        let addresses = hosts.compactMap { SocketAddress(host: $0, port: 1) }
        #expect(SocketAddress.interleaved(addresses).map(\.host) == expected)
    }
}
