import SpoorNetworking

/// The recently resolved addresses of hosts, for all event loops of a client; time is passed as a value.
struct AddressCache {
    /// The maximum number of hosts: by default the maximum number of connections of a loop.
    static let maxHosts = 256

    private struct Entry {
        var addresses: [SocketAddress]
        let end: MonotonicInstant
    }

    private var entries: [RequestTarget.Host: Entry] = [:]

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

    /// Moves the address that accepted a connection to the front, to be tried first (RFC 8305 §4).
    mutating func prefer(_ address: SocketAddress, of host: RequestTarget.Host) {
        guard let index = entries[host]?.addresses.firstIndex(of: address), index > 0 else {
            return
        }
        entries[host]?.addresses.remove(at: index)
        entries[host]?.addresses.insert(address, at: 0)
    }

    /// Removes a host whose addresses have failed.
    mutating func remove(_ host: RequestTarget.Host) {
        entries[host] = nil
    }
}
