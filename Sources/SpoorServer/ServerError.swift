public import SpoorNetworking
public import SpoorTLS

/// An error that keeps a server from running, in addition to errors of the kernel.
public enum ServerError: Error, Equatable, CustomStringConvertible {
    /// ``HTTPServer/run()`` was already called.
    case alreadyRunning
    /// There is no address to listen on.
    case noAddress
    /// The kernel rejected an address: it is in use, not of this machine, or not permitted.
    case cannotListen(SocketAddress, SystemError)
    /// The host of ``BindAddress/host(_:port:)`` is not a numeric address.
    case notAnAddress(String)
    /// A limit has an invalid value.
    case invalidLimit(String, String, mustBe: String)
    /// The kernel has no threads or file descriptors left for this number of event loops.
    case cannotStartLoops(Int, SystemError)
    /// The service manager has passed no listening socket with this name (none at all, if nil).
    case noSystemdSocket(name: String?)
    /// The certificates or keys of an address cannot be loaded.
    case invalidTLSConfiguration(BindAddress, TLSConfigurationError)
    /// An inherited descriptor is not a listening stream socket.
    case cannotInherit(SystemError)

    /// The problem.
    public var description: String {
        switch self {
        case .alreadyRunning: "run() was already called on this server: create another server"
        case .invalidTLSConfiguration(let address, let error):
            "invalid TLS configuration for \(address): \(error)"
        case .noAddress: "no address to listen on: pass at least one BindAddress"
        case .cannotListen(let address, let error): "cannot listen on \(address): \(error)"
        case .notAnAddress(let host):
            "'\(host)' is not a numeric address to listen on: pass an address such as 127.0.0.1 or ::1"
        case .cannotInherit(let error): "cannot listen on an inherited socket: \(error)"
        case .invalidLimit(let name, let value, let rule):
            "invalid limit: \(name) is \(value) and must be \(rule)"
        case .cannotStartLoops(let count, let error): "cannot start \(count) event loops: \(error)"
        case .noSystemdSocket(let name):
            "no listening socket\(name.map { " named '\($0)'" } ?? "") was inherited (LISTEN_FDS)"
        }
    }
}
