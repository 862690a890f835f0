import FoundationEssentials
import Spoor

/// JSON in responses and from other services, by Foundation's coders; Spoor itself has none.
extension Response {
    /// A response with the value as JSON.
    init(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        self.init(bytes: Array(try encoder.encode(value)) + [0x0A], contentType: "application/json")
    }
}

extension HTTPClient {
    /// Requests a value from another service.
    ///
    /// Its 404 becomes a 404 of this service, any other status except 200 a 502.
    func json<Value: Decodable>(
        _ type: Value.Type, from server: HTTPServer, _ path: URLPath
    ) async throws -> Value {
        let address = try await server.localAddresses()[0]
        let response = try await execute(HTTPClientRequest(.get, "http://\(address)", path: path))
        switch response.status {
        case .ok: return try JSONDecoder().decode(type, from: Data(response.body))
        case .notFound: throw HTTPError(.notFound)
        default:
            throw HTTPError(
                .badGateway, "the response to \(path) has the status \(response.status)")
        }
    }
}
