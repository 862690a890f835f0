import SpoorNetworking
import Testing

@testable import SpoorClient

/// The order in which the addresses of a host are tried, without sockets (RFC 8305 §4).
@Suite struct AddressCacheTests {
    private static let host = RequestTarget.Host(name: "a", port: 1)
    private static let later = at(AddressCache.outcomeLifetime.wholeNanoseconds)

    private static func at(_ nanoseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds)
    }

    /// Returns the addresses 127.0.0.1 and so on.
    private static func ipv4(_ numbers: ClosedRange<Int>) throws -> [SocketAddress] {
        try numbers.map { try #require(SocketAddress(host: "127.0.0.\($0)", port: 1)) }
    }

    /// Returns the addresses ::1 and so on.
    private static func ipv6(_ numbers: ClosedRange<Int>) throws -> [SocketAddress] {
        try numbers.map { try #require(SocketAddress(host: "::\($0)", port: 1)) }
    }

    private static func cache(of addresses: [SocketAddress]) -> AddressCache {
        var cache = AddressCache()
        cache.keep(addresses, of: host, until: .never)
        return cache
    }

    @Test func `addresses are cached until their end, and not beyond`() {
        var cache = AddressCache()
        cache.keep([.loopback(port: 1)], of: Self.host, until: Self.at(10))
        #expect(cache.addresses(of: Self.host, at: Self.at(9)) == [.loopback(port: 1)])
        #expect(cache.addresses(of: Self.host, at: Self.at(10)) == nil)
        cache.keep([.loopback(port: 2)], of: Self.host, until: Self.at(20))
        #expect(cache.addresses(of: Self.host, at: Self.at(10)) == [.loopback(port: 2)])
        cache.remove(Self.host)
        #expect(cache.addresses(of: Self.host, at: Self.at(10)) == nil)
        #expect(cache.count == 0)
    }

    @Test func `connections are spread over the addresses of the resolver's first family`() throws {
        let (old, new) = (try Self.ipv4(1...3), try Self.ipv6(1...1))
        var cache = Self.cache(of: old + new)
        let orders = (0..<4).map { _ in
            cache.nextOrder(of: old + new, of: Self.host, at: Self.at(1))
        }
        #expect(
            orders == [
                [old[0], new[0], old[1], old[2]], [old[1], new[0], old[2], old[0]],
                [old[2], new[0], old[0], old[1]], [old[0], new[0], old[1], old[2]],
            ])
        // The turn continues when the host is resolved again.
        cache.keep(old, of: Self.host, until: .never)
        #expect(
            cache.nextOrder(of: old, of: Self.host, at: Self.at(2)) == [old[1], old[2], old[0]])
    }

    @Test func `an address that accepted a connection at the first attempt is not preferred`()
        throws
    {
        let all = try Self.ipv4(1...2)
        var cache = Self.cache(of: all)
        #expect(cache.nextOrder(of: all, of: Self.host, at: Self.at(1)) == all)
        #expect(cache.nextOrder(of: all, of: Self.host, at: Self.at(2)) == [all[1], all[0]])
        let new = try Self.ipv4(3...4)
        cache.keep(new, of: Self.host, until: .never)
        #expect(cache.nextOrder(of: new, of: Self.host, at: Self.at(3)) == new)
    }

    @Test func `a family that does not answer is tried last for ten minutes`() throws {
        let (old, new) = (try Self.ipv4(1...2), try Self.ipv6(1...2))
        let all = new + old
        var cache = Self.cache(of: all)
        #expect(
            cache.nextOrder(of: all, of: Self.host, at: Self.at(0)) == [
                new[0], old[0], new[1], old[1],
            ])
        cache.record(connectedTo: old[0], after: [new[0]], of: Self.host, at: Self.at(0))
        #expect(
            cache.nextOrder(of: all, of: Self.host, at: Self.at(1)) == [
                old[1], new[1], old[0], new[0],
            ])
        // A later outcome does not extend the time.
        cache.record(connectedTo: old[1], after: [new[1]], of: Self.host, at: Self.at(2))
        let last = Self.at(Self.later.nanoseconds - 1)
        #expect(
            cache.nextOrder(of: all, of: Self.host, at: last) == [old[0], old[1], new[0], new[1]])
        #expect(
            cache.nextOrder(of: all, of: Self.host, at: Self.later) == [
                new[1], old[1], new[0], old[0],
            ])
    }

    @Test func `the outcome of a race remains when the host is resolved again`() throws {
        let (old, new) = (try Self.ipv4(1...2), try Self.ipv6(1...1))
        var cache = AddressCache()
        cache.keep(new + old, of: Self.host, until: Self.at(10))
        cache.record(connectedTo: old[0], after: new, of: Self.host, at: Self.at(1))
        #expect(cache.addresses(of: Self.host, at: Self.at(10)) == nil)
        cache.keep(new + old, of: Self.host, until: Self.at(20))
        #expect(
            cache.nextOrder(of: new + old, of: Self.host, at: Self.at(11)) == [
                old[0], old[1], new[0],
            ])
        // Only the other family is left.
        #expect(cache.nextOrder(of: new, of: Self.host, at: Self.at(12)) == new)
    }

    @Test func `an address that failed is tried last until another one fails`() throws {
        let all = try Self.ipv4(1...3)
        var cache = Self.cache(of: all)
        cache.record(connectedTo: all[1], after: [all[0]], of: Self.host, at: Self.at(0))
        let orders = (0..<2).map { _ in cache.nextOrder(of: all, of: Self.host, at: Self.at(1)) }
        #expect(orders == [[all[1], all[2], all[0]], [all[2], all[1], all[0]]])
        cache.record(connectedTo: all[0], after: [all[2], all[1]], of: Self.host, at: Self.at(2))
        #expect(cache.nextOrder(of: all, of: Self.host, at: Self.at(3)) == all)
    }

    @Test func `when no address accepts a connection everything is forgotten`() throws {
        let all = try Self.ipv4(1...2)
        var cache = Self.cache(of: all)
        cache.record(connectedTo: all[1], after: [all[0]], of: Self.host, at: Self.at(0))
        cache.remove(Self.host)
        #expect(cache.nextOrder(of: all, of: Self.host, at: Self.at(1)) == all)
        // Not cached, so not remembered either.
        cache.record(connectedTo: all[1], after: [all[0]], of: Self.host, at: Self.at(0))
        #expect(cache.nextOrder(of: all, of: Self.host, at: Self.at(1)) == all)
        #expect(cache.count == 0)
    }

    @Test func `the cache is bounded, and replaces first what expires first`() {
        var cache = AddressCache()
        for number in 0..<AddressCache.maxHosts + 10 {
            let host = RequestTarget.Host(name: "h\(number)", port: 1)
            cache.keep([], of: host, until: Self.at(UInt64(number + 1)))
        }
        #expect(cache.count == AddressCache.maxHosts)
        let first = RequestTarget.Host(name: "h0", port: 1)
        let last = RequestTarget.Host(name: "h\(AddressCache.maxHosts + 9)", port: 1)
        #expect(cache.addresses(of: first, at: Self.at(0)) == nil)
        #expect(cache.addresses(of: last, at: Self.at(0)) == [])
    }
}
