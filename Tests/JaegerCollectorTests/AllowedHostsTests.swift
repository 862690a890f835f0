import Testing

@testable import JaegerCollector

@Suite struct AllowedHostsTests {
    @Test(arguments: [
        "localhost", "localhost:16686", "LOCALHOST", "localhost.", "shop.localhost:1", "127.0.0.1",
        "127.0.0.1:4318", "127.1.2.3", "[::1]", "[::1]:14268", "[0:0:0:0:0:0:0:1]:1", "localhost:",
        "[::ffff:127.0.0.1]:1",
    ])
    func `loopback names are allowed with any port`(host: String) {
        #expect(AllowedHosts().allows(host))
    }

    @Test(arguments: [
        "", "evil.example", "evil.example:16686", "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost", "10.0.0.1", "[2001:db8::1]", "[::1", "[::1]x", "localhost:x",
        "localhost:1:2",
        "::1", "0.0.0.0", "[::]", "127.0.0.1@evil.example", "evil.example#127.0.0.1", "/socket",
        "[127.0.0.1]", "[localhost]", "localhost@localhost", "127.0.0.01",
    ])
    func `other hosts are rejected`(host: String) {
        #expect(!AllowedHosts().allows(host))
    }

    @Test func `names can be allowed`() {
        let hosts = AllowedHosts(["Traces.Example", "10.0.0.1", "2001:db8::1"])
        for host in [
            "traces.example:1", "traces.example.", "10.0.0.1:5", "[2001:db8::1]:5", "localhost",
        ] {
            #expect(hosts.allows(host))
        }
        #expect(!hosts.allows("other.example"))
        #expect(!hosts.allows("x.traces.example"))
    }

    @Test func `an allowed address matches in all of its forms`() {
        for form in ["[2001:db8::5]", "2001:DB8::5", "2001:db8:0:0:0:0:0:5"] {
            #expect(AllowedHosts([form]).allows("[2001:db8::5]:16686"))
            #expect(AllowedHosts([form]).allows("[2001:DB8:0::5]"))
        }
    }

    @Test(arguments: [
        "", ".", "traces.example:16686", "http://traces.example", "traces.example/", "*",
        "*.example", "a b", "[::1]:80", "[traces.example]", "user@traces.example", "köttur.example",
    ])
    func `texts that are invalid in Host are not allowed hosts`(text: String) {
        #expect(!AllowedHosts.isHost(text))
        #expect(throws: CollectorError.invalidAllowedHost(text)) {
            try CollectorConfiguration(allowedHosts: ["traces.example", text]).check()
        }
    }

    @Test(arguments: ["traces.example", "traces.example.", "my_host", "10.0.0.1", "::1", "[::1]"])
    func `names and addresses are allowed hosts`(text: String) {
        #expect(AllowedHosts.isHost(text))
    }
}
