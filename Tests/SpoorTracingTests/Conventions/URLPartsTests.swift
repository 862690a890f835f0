import JaegerTracing
import SpoorText
import Testing

@testable import SpoorTracing

@Suite struct URLPartsTests {
    private func rules(recordsQuery: Bool) -> TagRules {
        TagRules(HTTPSpanOptions<Void, Void>(recordsQuery: recordsQuery))
    }

    @Test(arguments: [
        ("http://a/b?c#d", "http://a/b", "http://a/b?c"),
        (
            "http://ann:pw@a:1/b@c?d@e#f", "http://REDACTED:REDACTED@a:1/b@c",
            "http://REDACTED:REDACTED@a:1/b@c?d@e"
        ),
        ("http://ann@a", "http://REDACTED@a", "http://REDACTED@a"),
        ("http://a?b=http://c", "http://a", "http://a?b=http://c"),
        ("nonsense?a#b", "nonsense", "nonsense?a"), ("", "", ""), ("a#b?c", "a", "a"),
        ("http://a/?x=1&sig=abc&y", "http://a/", "http://a/?x=1&sig=REDACTED&y"),
    ])
    func `a URL is recorded without secrets`(url: String, plain: String, full: String) {
        #expect(URLParts.shown(url, rules(recordsQuery: false), showsUserInfo: true) == plain)
        #expect(URLParts.shown(url, rules(recordsQuery: true), showsUserInfo: true) == full)
    }

    @Test(arguments: [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId",
        "Signature",
        "sig", "X-Goog-Signature",
    ])
    func `values that sign a request are redacted`(key: String) {
        let rules = rules(recordsQuery: true)
        #expect(rules.shown(query: "a=1&\(key)=s3cr=t&b") == "a=1&\(key)=REDACTED&b")
        #expect(rules.shown(query: "\(key)=") == "\(key)=REDACTED")
        #expect(rules.shown(query: key) == key)
        #expect(rules.shown(query: "\(key.uppercased())X=1") == "\(key.uppercased())X=1")
    }

    @Test func `a key is compared decoded and case-sensitively`() {
        let rules = rules(recordsQuery: true)
        #expect(rules.shown(query: "s%69g=1&SIG=2&&=") == "s%69g=REDACTED&SIG=2&&=")
        #expect(rules.shown(query: "a=%zz&%=1") == "a=%zz&%=1")
        #expect(rules.shown(query: nil) == nil)
    }
}
