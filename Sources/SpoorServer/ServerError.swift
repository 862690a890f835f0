public import SpoorNetworking

/// What keeps a server from running, beside the errors of the kernel.
public enum ServerError: Error, Equatable, CustomStringConvertible {
    /// The server runs already, or has run.
    case runTwice
    /// There is no address to listen at.
    case noAddress
    /// The kernel refused an address: it is taken, not of this machine, or not allowed.
    case cannotListen(SocketAddress, SystemError)

    /// What is wrong.
    public var description: String {
        switch self {
        case .runTwice: "a server runs once; make another"
        case .noAddress: "the server was given no address to listen at"
        case .cannotListen(let address, let error): "cannot listen at \(address): \(error)"
        }
    }
}
