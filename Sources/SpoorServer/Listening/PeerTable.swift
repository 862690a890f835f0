import SpoorNetworking
import SpoorText
import Synchronization

/// How many connections each peer has with the server, on all of its loops: so that none takes them all.
final class PeerTable: Sendable {
    private let countMax: Int
    private let counts = Mutex<[IPNetwork: Int]>([:])

    /// Makes a table that admits so many connections of each peer.
    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Counts a connection, unless its peer has as many as it may.
    func admit(_ peer: IPNetwork) -> Bool {
        counts.withLock { counts in
            let count = counts[peer] ?? 0
            guard count < countMax else { return false }
            counts[peer] = count + 1
            return true
        }
    }

    /// Counts a connection that has ended.
    func leave(_ peer: IPNetwork) {
        counts.withLock { counts in
            guard let count = counts[peer] else { return }
            counts[peer] = count > 1 ? count - 1 : nil
        }
    }
}
