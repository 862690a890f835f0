import SpoorNetworking
import SpoorText

/// The recently resolved addresses of hosts, and the outcome of attempts to connect to them, for all event loops of a
/// client; time is passed as a value.
///
/// The cache remembers the address family that works and the addresses that failed, not one address that succeeded:
/// connections are spread over all addresses of a family, and new connections can use new addresses.
struct AddressCache {
    /// The maximum number of hosts: by default the maximum number of connections of a loop.
    static let maxHosts = 256
    /// The time for which the outcome of attempts to connect affects the order of addresses.
    ///
    /// 10 minutes, as RFC 6555 §4.2 suggests; then the resolver's order is tried again, which costs at most one
    /// connection attempt delay for each address that still does not answer.
    static let outcomeLifetime = Duration.seconds(600)

    private struct Entry {
        /// The addresses in the resolver's order.
        var addresses: [SocketAddress]
        /// The end of the addresses; the rest of the entry remains.
        var end: MonotonicInstant
        /// The number of times that the addresses were ordered, which determines the address that is first.
        var turn = 0
        var outcome: Outcome?
    }

    /// The outcome of attempts to connect to a host.
    private struct Outcome {
        /// The family of the last address that accepted a connection before an address with a higher preference.
        var family: IPAddress.Family?
        /// The addresses that failed, or did not answer within the connection attempt delay.
        var failed: Set<SocketAddress>
        /// The end of this outcome, which later ones do not defer: so each address is tried again from time to time.
        let end: MonotonicInstant
    }

    private var entries: [RequestTarget.Host: Entry] = [:]

    /// The number of hosts.
    var count: Int { entries.count }

    /// Returns the addresses of a host that have not expired, in the resolver's order.
    func addresses(
        of host: RequestTarget.Host, at now: MonotonicInstant
    ) -> [SocketAddress]? {
        guard let entry = entries[host], entry.end > now else { return nil }
        return entry.addresses
    }

    /// Stores addresses until `end`; if the cache is full, replaces the host whose addresses expire first.
    mutating func keep(
        _ addresses: [SocketAddress], of host: RequestTarget.Host, until end: MonotonicInstant
    ) {
        guard entries[host] == nil else {
            entries[host]?.addresses = addresses
            entries[host]?.end = end
            return
        }
        if entries.count >= Self.maxHosts,
            let first = entries.min(by: { $0.value.end < $1.value.end })
        {
            entries[first.key] = nil
        }
        entries[host] = Entry(addresses: addresses, end: end)
    }

    /// Returns the addresses of a host in the order in which the next connection tries them (RFC 8305 §4).
    ///
    /// The family that worked last is first, otherwise the resolver's, and the families alternate. Within a family each
    /// call begins with the next address. Addresses that failed recently are last.
    mutating func nextOrder(
        of addresses: [SocketAddress], of host: RequestTarget.Host, at now: MonotonicInstant
    ) -> [SocketAddress] {
        guard let entry = entries[host], addresses.count > 1 else {
            return SocketAddress.interleaved(addresses)
        }
        entries[host]?.turn = entry.turn &+ 1
        let outcome = entry.outcome.flatMap { $0.end > now ? $0 : nil }
        let failed = addresses.filter { outcome?.failed.contains($0) ?? false }
        let others = addresses.filter { !(outcome?.failed.contains($0) ?? false) }
        let family =
            outcome?.family ?? addresses.first?.ipAddress?.family
        let preferred = others.filter { $0.ipAddress?.family == family }
        let rest = others.filter { $0.ipAddress?.family != family }
        let order = Self.rotated(preferred, by: entry.turn) + Self.rotated(rest, by: entry.turn)
        return SocketAddress.interleaved(order) + SocketAddress.interleaved(failed)
    }

    private static func rotated(_ addresses: [SocketAddress], by turn: Int) -> [SocketAddress] {
        guard addresses.count > 1 else { return addresses }
        let start = Int(UInt(bitPattern: turn) % UInt(addresses.count))
        return Array(addresses[start...] + addresses[..<start])
    }

    /// Records that an address accepted a connection after attempts to connect to others had failed or had taken
    /// longer than the connection attempt delay.
    mutating func record(
        connectedTo address: SocketAddress, after failed: some Sequence<SocketAddress>,
        of host: RequestTarget.Host, at now: MonotonicInstant
    ) {
        guard let entry = entries[host] else { return }
        var outcome =
            entry.outcome.flatMap { $0.end > now ? $0 : nil }
            ?? Outcome(family: nil, failed: [], end: now.advanced(by: Self.outcomeLifetime))
        outcome.family = address.ipAddress?.family
        // Addresses that the resolver no longer returns would accumulate.
        outcome.failed.formUnion(failed)
        outcome.failed.formIntersection(entry.addresses)
        outcome.failed.remove(address)
        entries[host]?.outcome = outcome
    }

    /// Removes a host none of whose addresses accepted a connection.
    mutating func remove(_ host: RequestTarget.Host) {
        entries[host] = nil
    }
}
