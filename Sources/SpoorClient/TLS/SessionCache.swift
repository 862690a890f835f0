import SpoorTLS

/// What the secure connections of a loop can take up again: the latest session of each host.
struct SessionCache {
    /// How many hosts are remembered: as many as a loop may have connections to, by default.
    static let hostsMax = 256

    private var sessions: [RequestTarget.Host: TLSSession] = [:]

    /// The latest session with a host.
    func session(for host: RequestTarget.Host) -> TLSSession? {
        sessions[host]
    }

    /// Remembers what the server has given for later, after a first exchange: only then it has.
    mutating func keep(from connection: ClientConnection) {
        guard let stream = connection.stream as? TLSStream, let session = stream.session else {
            return
        }
        if sessions.count >= Self.hostsMax, sessions[connection.host] == nil {
            // Any will do: to lose one costs a whole handshake, no more.
            sessions.removeValue(forKey: sessions.keys.first ?? connection.host)
        }
        sessions[connection.host] = session
    }

    /// Forgets a host whose handshake has failed.
    mutating func forget(_ host: RequestTarget.Host) {
        sessions[host] = nil
    }
}
