/// The order in which the addresses of one host are tried (RFC 8305 §4).
extension SocketAddress {
    /// The addresses with their families in turn, beginning with the family of the first; otherwise in their order, each once.
    package static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let family = addresses.first?.family else { return [] }
        var known: Set<SocketAddress> = []
        let distinct = addresses.filter { known.insert($0).inserted }
        let preferred = distinct.filter { $0.family == family }
        let others = distinct.filter { $0.family != family }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}
