import SpoorNetworking
import SpoorTLS

/// A connection source of one event loop, usually a listening socket, and the address it was configured with.
struct BoundListener {
    let listener: any ConnectionSource
    let origin: BindAddress
    /// The TLS server; nil for plain HTTP.
    var tls: TLSServer?

    /// Where its connections come from, and which other processes accept them.
    var reach: PortHandover.Reach {
        if origin.sharesPort { return .sharedPort }
        return switch origin.endpoint {
        case .inherited, .inProcess, .unix: .local
        case .socket, .any, .host: listener.address.isLoopback ? .local : .network
        }
    }
}

/// Creates the listeners for a server's addresses, one for each event loop.
struct ListenerBinder {
    let loops: [EventLoop]

    /// Listens on an address; returns one array of listeners for each of its sockets.
    func bind(to origin: BindAddress) throws(ServerError) -> [[BoundListener]] {
        switch origin.endpoint {
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
        case .inProcess(let address):
            return [
                loops.map { BoundListener(listener: address.port.listen(on: $0), origin: origin) }
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
