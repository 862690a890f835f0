import SpoorClient
import SpoorNetworking
import SpoorTLS

/// The way of a test's connections: where they go, and whom they must meet there if they are secure.
struct TestRoute: Sendable {
    let place: FixedRoute
    var tls: TLSClientConfiguration?

    /// The name that the server's certificate is for, and that URLs have in every mode.
    static let host = "localhost"

    /// Connects on a loop; a secure connection has shaken hands.
    func connect(on loop: EventLoop) async throws -> any ByteStream {
        try await loop.run {
            let socket: any ByteStream =
                switch place {
                case .socket(let address):
                    try await SocketStream.connect(to: address, on: loop, until: .never)
                case .inProcess(let port): try port.connect(on: loop)
                }
            guard let tls else { return socket }
            do {
                let stream = try TLSStream(
                    dialling: Self.host, over: socket, by: TLSClient(tls))
                try await stream.handshake(until: .never)
                return stream
            } catch {
                socket.close()
                throw error
            }
        }
    }
}
