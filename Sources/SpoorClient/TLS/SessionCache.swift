import SpoorTLS

/// What secure connections can resume: the latest session of each host, of all loops of a client.
struct SessionCache {
    /// How many hosts are remembered: as many as a loop may have connections to, by default.
    static let hostsMax = 256

    private var sessions: [RequestTarget.Host: TLSSession] = [:]

    /// How many hosts are remembered.
    var count: Int { sessions.count }

    /// The latest session with a host.
    func session(for host: RequestTarget.Host) -> TLSSession? {
        sessions[host]
    }

    /// Remembers a session in place of the host's last one.
    mutating func keep(_ session: TLSSession, for host: RequestTarget.Host) {
        if sessions.count >= Self.hostsMax, sessions[host] == nil {
            // Any will do: to lose one costs a full handshake, no more.
            sessions.removeValue(forKey: sessions.keys.first ?? host)
        }
        sessions[host] = session
    }

    /// Forgets a host whose handshake has failed.
    mutating func forget(_ host: RequestTarget.Host) {
        sessions[host] = nil
    }
}
