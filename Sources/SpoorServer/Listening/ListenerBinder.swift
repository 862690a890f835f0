import SpoorNetworking
import SpoorTLS

/// What accepts on one loop, most often a listening socket, and what it was asked for.
struct BoundListener {
    let listener: any ConnectionSource
    let origin: BindAddress
    /// What makes its connections secure; nil for plain HTTP.
    var tls: TLSServer?

    /// From where its connections come, and who else takes them.
    var reach: PortHandover.Reach {
        if origin.sharesPort { return .sharedPort }
        return switch origin.place {
        case .inherited, .inProcess, .unix: .local
        case .socket, .any, .host: listener.address.isLoopback ? .local : .network
        }
    }
}

/// Turns what a server is asked to listen at into listeners, one for each loop.
struct ListenerBinder {
    let loops: [EventLoop]

    /// Listens; one row of listeners for each socket that the address stands for.
    func bind(to origin: BindAddress) throws(ServerError) -> [[BoundListener]] {
        switch origin.place {
        case .socket(let address):
            return [try bind(to: address, for: origin)]
        case .any(let port):
            do {
                return [try bind(to: .any(port: port), for: origin)]
            } catch .cannotListen(_, let error) where error.isUnknownFamily {
                return [try bind(to: .anyIPv4(port: port), for: origin)]
            }
        case .host(let host, let port):
            guard let address = SocketAddress(host: host, port: port) else {
                throw .notAnAddress(host)
            }
            return [try bind(to: address, for: origin)]
        case .unix(let path, let mode):
            return [try bind(to: .unix(path: path), for: origin, fileMode: mode)]
        case .inherited(let name):
            return try inherit(name, for: origin)
        case .inProcess(let place):
            return [
                loops.map { BoundListener(listener: place.port.listen(on: $0), origin: origin) }
            ]
        }
    }

    private func bind(
        to address: SocketAddress, for origin: BindAddress, fileMode: UInt16? = nil
    ) throws(ServerError) -> [BoundListener] {
        var options = Listener.Options()
        options.sharesPort = origin.sharesPort
        options.fileMode = fileMode
        do {
            return try Listener.bind(to: address, onEach: loops, options: options).map {
                BoundListener(listener: $0, origin: origin)
            }
        } catch {
            throw .cannotListen(address, error)
        }
    }

    private func inherit(
        _ name: String?, for origin: BindAddress
    ) throws(ServerError) -> [[BoundListener]] {
        let rows: [[Listener]]
        do {
            rows = try Listener.systemdSocket(name: name, onEach: loops)
        } catch {
            throw .cannotInherit(error)
        }
        guard !rows.isEmpty else { throw .noSystemdSocket(name: name) }
        return rows.map { row in row.map { BoundListener(listener: $0, origin: origin) } }
    }
}
