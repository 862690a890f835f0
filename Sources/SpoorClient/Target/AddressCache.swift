import SpoorNetworking
import SpoorText

/// The recently resolved addresses of hosts, for all event loops of a client; time is passed as a value.
///
/// The address of a host that accepted the last connection is remembered until a connection fails: it is tried first,
/// also when the host has been resolved again (RFC 8305 §4).
struct AddressCache {
    /// The maximum number of hosts: by default the maximum number of connections of a loop.
    static let maxHosts = 256

    private struct Entry {
        var addresses: [SocketAddress]
        let end: MonotonicInstant
    }

    private var entries: [RequestTarget.Host: Entry] = [:]
    /// The address of each host that accepted the last connection, at most ``maxHosts`` of them.
    private var winners: [RequestTarget.Host: SocketAddress] = [:]

    /// The number of cached hosts.
    var count: Int { entries.count }

    /// Returns the addresses of a host that have not expired.
    mutating func addresses(
        of host: RequestTarget.Host, at now: MonotonicInstant
    ) -> [SocketAddress]? {
        guard let entry = entries[host] else { return nil }
        guard entry.end > now else {
            entries[host] = nil
            return nil
        }
        return entry.addresses
    }

    /// Stores addresses until `end`; if the cache is full, replaces those that expire first.
    mutating func keep(
        _ addresses: [SocketAddress], of host: RequestTarget.Host, until end: MonotonicInstant
    ) {
        if entries[host] == nil, entries.count >= Self.maxHosts,
            let first = entries.min(by: { $0.value.end < $1.value.end })
        {
            entries[first.key] = nil
        }
        entries[host] = Entry(addresses: addresses, end: end)
    }

    /// Records the address that accepted a connection, to be tried first.
    mutating func prefer(_ address: SocketAddress, of host: RequestTarget.Host) {
        if winners[host] == nil, winners.count >= Self.maxHosts, let other = winners.keys.first {
            // Any host will do: forgetting one costs a connection attempt delay.
            winners[other] = nil
        }
        winners[host] = address
        guard let addresses = entries[host]?.addresses, addresses.first != address else { return }
        let preferred = ordered(addresses, of: host)
        entries[host]?.addresses = preferred
    }

    /// Returns resolved addresses in the order in which they are tried: IPv6 and IPv4 alternate, and the first one is
    /// that which accepted the last connection, or one of its family if it is no longer among them.
    func ordered(_ addresses: [SocketAddress], of host: RequestTarget.Host) -> [SocketAddress] {
        guard let winner = winners[host],
            let first = addresses.first(where: { $0 == winner })
                ?? addresses.first(where: { $0.ipAddress?.family == winner.ipAddress?.family })
        else { return SocketAddress.interleaved(addresses) }
        return SocketAddress.interleaved([first] + addresses)
    }

    /// Removes a host whose addresses have failed.
    mutating func remove(_ host: RequestTarget.Host) {
        entries[host] = nil
        winners[host] = nil
    }
}
