public import SpoorNetworking
public import SpoorTLS

/// What keeps a server from running, beside the errors of the kernel.
public enum ServerError: Error, Equatable, CustomStringConvertible {
    /// The server runs already, or has run.
    case alreadyRunning
    /// There is no address to listen at.
    case noAddress
    /// The kernel refused an address: it is taken, not of this machine, or not allowed.
    case cannotListen(SocketAddress, SystemError)
    /// The host of ``BindAddress/host(_:port:)`` is no numeric address.
    case notAnAddress(String)
    /// A limit has a value with which no server can work.
    case invalidLimit(String, String, mustBe: String)
    /// The kernel has no threads or descriptors left for so many event loops.
    case cannotStartLoops(Int, SystemError)
    /// The service manager has passed no listening socket of this name (none at all, if nil).
    case noSystemdSocket(name: String?)
    /// The certificates or keys of an address cannot be used.
    case invalidTLSConfiguration(BindAddress, TLSConfigurationError)
    /// An inherited descriptor is no listening stream socket.
    case cannotInherit(SystemError)

    /// What is wrong.
    public var description: String {
        switch self {
        case .alreadyRunning: "a server runs once; make another"
        case .invalidTLSConfiguration(let address, let error): "no TLS at \(address): \(error)"
        case .noAddress: "the server was given no address to listen at"
        case .cannotListen(let address, let error): "cannot listen at \(address): \(error)"
        case .notAnAddress(let host): "'\(host)' is no numeric address to listen at"
        case .cannotInherit(let error): "cannot listen at an inherited socket: \(error)"
        case .invalidLimit(let name, let value, let rule):
            "the limit \(name) is \(value) and must be \(rule)"
        case .cannotStartLoops(let count, let error): "cannot start \(count) event loops: \(error)"
        case .noSystemdSocket(let name):
            "no listening socket\(name.map { " of the name '\($0)'" } ?? "") was inherited (LISTEN_FDS)"
        }
    }
}
