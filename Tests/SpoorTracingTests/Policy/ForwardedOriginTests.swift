import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorTracing

@Suite struct ForwardedOriginTests {
    private func origin(
        _ headers: [String: String], by wanted: ProxyHeaders = .xForwardedFirst
    ) throws -> ForwardedOrigin? {
        let trusted = try ["10.0.0.0/8", "2001:db8:1::/48"].map { try PeerNetwork($0) }
        return ForwardedOrigin(headers.asHeaders, trusted: trusted, by: wanted)
    }

    @Test(
        arguments: [
            ("for=192.0.2.60", "192.0.2.60", nil, nil),
            ("For=\"192.0.2.60:47011\";proto=HTTPS;by=x", "192.0.2.60", nil, "https"),
            ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17", nil, nil),
            ("for=192.0.2.43, for=198.51.100.17;host=a.example", "198.51.100.17", "a.example", nil),
            ("for=192.0.2.43;proto=http, for=10.0.0.1;proto=https", "192.0.2.43", nil, "http"),
            (
                "for=evil, for=192.0.2.43, for=10.1.1.1, for=\"[2001:db8:1::5]\"", "192.0.2.43",
                nil, nil
            ),
            ("for=10.0.0.3, for=10.0.0.2", "10.0.0.3", nil, nil),
            ("for=_hidden;host=\"a\\\"b,c;d\"", "_hidden", "a\"b,c;d", nil),
            ("for=unknown", nil, nil, nil), ("for=\"\"", nil, nil, nil),
            ("nonsense", nil, nil, nil),
            // What follows an unclosed quote is not known, and neither is a repeated parameter.
            ("for=\"open, for=192.0.2.1", nil, nil, nil),
            ("for=1.2.3.4;for=5.6.7.8", nil, nil, nil),
            ("for=192.0.2.9:80", "192.0.2.9", nil, nil),
        ] as [(String, String?, String?, String?)])
    func `Forwarded is read from the end`(
        text: String, client: String?, host: String?, scheme: String?
    ) throws {
        let origin = try #require(try origin(["Forwarded": text]))
        #expect(origin.client == client)
        #expect(origin.host == host)
        #expect(origin.scheme == scheme)
    }

    @Test(
        arguments: [
            ("192.0.2.60", "", "", "192.0.2.60", nil, nil),
            ("1.1.1.1, 192.0.2.60", "a.example", "https", "192.0.2.60", "a.example", "https"),
            ("192.0.2.60, 10.0.0.1", "a, b", "https, http", "192.0.2.60", "a", "https"),
            ("192.0.2.60, 10.0.0.1", "b", "http", "192.0.2.60", "b", "http"),
            ("2001:db8::7, 10.0.0.1", "", "", "2001:db8::7", nil, nil),
            ("192.0.2.60:123", "", "", "192.0.2.60", nil, nil),
            ("unknown, 10.0.0.1", "", "", nil, nil, nil),
        ] as [(String, String, String, String?, String?, String?)])
    func `X-Forwarded headers are read from the end`(
        clients: String, hosts: String, schemes: String, client: String?, host: String?,
        scheme: String?
    ) throws {
        var headers = ["X-Forwarded-For": clients]
        if !hosts.isEmpty { headers["X-Forwarded-Host"] = hosts }
        if !schemes.isEmpty { headers["X-Forwarded-Proto"] = schemes }
        let origin = try #require(try origin(headers))
        #expect(origin.client == client)
        #expect(origin.host == host)
        #expect(origin.scheme == scheme)
    }

    @Test(
        arguments: [
            (.xForwardedFirst, "192.0.2.2", "192.0.2.1", "192.0.2.2"),
            (.xForwarded, "192.0.2.2", nil, "192.0.2.2"),
            (.forwarded, "192.0.2.1", "192.0.2.1", nil),
        ] as [(ProxyHeaders, String?, String?, String?)])
    func `if both are present X-Forwarded-For is used by default`(
        wanted: ProxyHeaders, ofBoth: String?, ofForwarded: String?, ofOthers: String?
    ) throws {
        let forwarded = ["Forwarded": "for=192.0.2.1"]
        let others = ["X-Forwarded-For": "192.0.2.2"]
        let both = forwarded.merging(others) { one, _ in one }
        #expect(try origin(both, by: wanted)?.client == ofBoth)
        #expect(try origin(forwarded, by: wanted)?.client == ofForwarded)
        #expect(try origin(others, by: wanted)?.client == ofOthers)
    }

    @Test func `without either header there is no origin`() throws {
        #expect(try origin([:]) == nil)
        #expect(try origin(["Forwarded": ""]) == nil)
        #expect(try origin(["X-Forwarded-For": " , "]) == nil)
    }

    @Test func `a long chain is followed up to a limit`() throws {
        let text = (["192.0.2.1"] + Array(repeating: "10.0.0.1", count: 5_000)).joined(
            separator: ",")
        #expect(try origin(["X-Forwarded-For": text])?.client == "10.0.0.1")
    }
}
