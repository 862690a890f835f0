import SpoorNetworking

/// The addresses of the hosts that were looked up lately, for all loops of a client; time comes in as a value.
struct AddressCache {
    /// How many hosts are remembered: as many as a loop may have connections to, by default.
    static let maxHosts = 256

    private struct Entry {
        var addresses: [SocketAddress]
        let end: MonotonicInstant
    }

    private var entries: [RequestTarget.Host: Entry] = [:]

    /// How many hosts are remembered.
    var count: Int { entries.count }

    /// What is known of a host and still good.
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

    /// Remembers addresses until `end`, in place of those that end first if there is no room.
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

    /// Puts the address that a connection was made to in front, to be tried first from now on (RFC 8305 §4).
    mutating func prefer(_ address: SocketAddress, of host: RequestTarget.Host) {
        guard let index = entries[host]?.addresses.firstIndex(of: address), index > 0 else {
            return
        }
        entries[host]?.addresses.remove(at: index)
        entries[host]?.addresses.insert(address, at: 0)
    }

    /// Forgets a host whose addresses have not served.
    mutating func forget(_ host: RequestTarget.Host) {
        entries[host] = nil
    }
}
