/// What keeps a server from running, beside the errors of the kernel.
public enum ServerError: Error, Equatable, CustomStringConvertible {
    /// The server runs already, or has run.
    case runTwice
    /// There is no address to listen at.
    case noAddress

    /// What is wrong.
    public var description: String {
        switch self {
        case .runTwice: "a server runs once; make another"
        case .noAddress: "the server was given no address to listen at"
        }
    }
}
