package import HTTPTypes
package import SpoorHTTP

extension Request {
    /// A request as the parser creates it from a head in origin form.
    package static func stub(
        _ method: HTTPRequest.Method = .get,
        _ target: String = "/",
        headers: Headers = ["Host": "localhost"].asHeaders,
        bodyLength: BodyLength = .none
    ) -> Request {
        var request = Request()
        request.headers = headers
        let start = request.headers.bytes.count
        request.headers.bytes += Array("\(method.rawValue) \(target) HTTP/1.1".utf8)
        request.methodRange = start..<start + method.rawValue.utf8.count
        let targetStart = request.methodRange.upperBound + 1
        request.targetRange = targetStart..<targetStart + target.utf8.count
        request.pathRange = request.targetRange
        if let mark = request.headers.bytes[request.targetRange].firstIndex(of: UInt8(ascii: "?")) {
            request.pathRange = targetStart..<mark
            request.queryRange = mark + 1..<request.targetRange.upperBound
        }
        request.knownMethod = KnownMethod.allCases.first { $0.method == method }
        request.bodyLength = bodyLength
        if target == "*" { request.targetForm = .asterisk }
        return request
    }
}

extension Exchange {
    /// An exchange over a recording transport, which the caller must keep alive.
    package static func stub(
        _ request: Request = .stub(),
        over transport: RecordingTransport,
        connection: ConnectionInfo = ConnectionInfo(
            peer: .ipv4("127.0.0.1", port: 50_000), local: .ipv4("127.0.0.1", port: 80))
    ) -> Exchange {
        let exchange = Exchange(wire: transport)
        exchange.request = request
        exchange.connection = connection
        return exchange
    }
}

extension [String: String] {
    /// The pairs as headers, sorted by name, without invalid names.
    package var asHeaders: Headers {
        var headers = Headers()
        for (name, value) in sorted(by: { $0.key < $1.key }) {
            if let name = HTTPField.Name(name) { headers.append(name, value) }
        }
        return headers
    }
}
