import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import TestSupport
import Testing

/// Parameters of requests over a connection, where the parser and the router have read the path before.
@Suite(.finishes(within: .seconds(60))) struct ParameterRejectionTests {
    private enum Role: String, CaseIterable {
        case user, admin
    }

    private static var routes: Router {
        var routes = Router()
        routes.get("/ledger/{id}") { exchange in
            "\(try exchange.parameters.require("id", as: Int.self))"
        }
        routes.get("/names/{name}") { exchange in
            let bytes = exchange.parameters.bytes("name") ?? []
            return "\(exchange.parameters["name"] ?? "") \(bytes)"
        }
        routes.get("/roles") { exchange in
            "\(try exchange.query.require("role", as: Role.self))"
        }
        return routes
    }

    private func response(_ target: String) async throws -> (status: Int, text: String) {
        try await withTestClient(handler: Self.routes) { client in
            let text = try await client.roundTrip(
                ["GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            let body = text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
            return (status, body)
        }
    }

    // P018: a percent-encoded digit is the only other spelling (RFC 3986 §6.2.2.2).
    @Test(arguments: [
        ("/ledger/1", 200), ("/ledger/%31", 200), ("/ledger/-1", 200), ("/ledger/+1", 400),
        ("/ledger/01", 400), ("/ledger/1.0", 400), ("/ledger/%EF%BC%91", 400),
        ("/ledger/1%20", 400), ("/ledger/0x1", 400), ("/ledger/1e0", 400), ("/ledger/-0", 400),
        ("/ledger/9223372036854775808", 400), ("/ledger/%00", 400),
    ])
    func `a number in a path has one spelling`(target: String, status: Int) async throws {
        let received = try await response(target)
        #expect(received.status == status)
        if status == 400 { #expect(received.text.contains(#""in":"path","name":"id""#)) }
    }

    // P019
    @Test(arguments: [
        "/%7B%ch%%7D", "/a%2", "/names/%", "/names/%zz", "/names/%2", "/roles?role=%",
    ])
    func `a broken escape is a 400, or a text that is not valid`(target: String) async throws {
        #expect(try await response(target).status == 400)
    }

    // P019
    @Test func `bytes that are not UTF-8 are replaced in texts and kept in bytes`() async throws {
        #expect(try await response("/names/%FFa") == (200, "\u{FFFD}a [255, 97]"))
        #expect(try await response("/names/%C3%A9") == (200, "é [195, 169]"))
    }

    // P020
    @Test(arguments: [
        ("/roles?role=user", 200), ("/roles?role=user&role=admin", 400),
        ("/roles?role=user&role=user", 400), ("/roles?role=user&%72ole=admin", 400),
        ("/roles?role=", 400), ("/roles?Role=user", 400), ("/roles", 400),
    ])
    func `a value that may occur once is not taken from several`(
        target: String, status: Int
    ) async throws {
        let received = try await response(target)
        #expect(received.status == status)
        if status == 400 { #expect(received.text.contains(#""in":"query","name":"role""#)) }
    }
}
