import HTTPTypes
import SpoorHTTP
import Testing

@testable import JaegerReporter

@Suite struct CollectorEndpointTests {
    private static let body = ExportBody(bytes: [1])

    @Test func `basic authorization is base64 of user and password`() {
        // RFC 7617 §2, §2.1
        #expect(
            Authorization.basic(user: "Aladdin", password: "open sesame").headerValue
                == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(
            Authorization.basic(user: "test", password: "123£").headerValue
                == "Basic dGVzdDoxMjPCow==")
    }

    @Test(arguments: ["abc", "abc\n", " \tabc\r\n"])
    func `white space around a token is removed`(token: String) {
        #expect(Authorization.bearer(token).headerValue == "Bearer abc")
    }

    @Test func `descriptions contain no secrets`() {
        var endpoint = CollectorEndpoint.otlp("https://user:pass@h/v1/traces?token=query")
        endpoint.authorization = .bearer("bearer")
        endpoint.headers = [.userAgent: "header"]
        var shown = "\(endpoint) \(String(reflecting: endpoint)) "
        dump(endpoint, to: &shown)
        dump(Authorization.basic(user: "user", password: "pass"), to: &shown)
        for secret in ["user", "pass", "query", "bearer", "header"] {
            #expect(!shown.contains(secret))
        }
        #expect("\(endpoint)" == "otlp at h/v1/traces")
    }

    @Test func `later headers win, and those of the format always do`() {
        var endpoint = CollectorEndpoint.jaeger()
        endpoint.authorization = .bearer("fixed")
        endpoint.headers = [.contentType: "wrong", .contentEncoding: "identity", .from: "me"]
        let headers = ExportHeaders(
            endpoint, provided: [.authorization: "Bearer fresh"], body: Self.body)
        #expect(headers.merged.values(of: .authorization) == ["Bearer fresh"])
        #expect(headers.merged.values(of: .contentType) == ["application/x-thrift"])
        #expect(!headers.merged.contains(.contentEncoding))
        #expect(headers.merged[.from] == "me")
    }

    @Test func `a response that contains a secret is redacted`() {
        var endpoint = CollectorEndpoint.jaeger()
        endpoint.authorization = .bearer("sesame")
        let headers = ExportHeaders(endpoint, provided: [:], body: Self.body)
        #expect(!headers.redacted("403: sesame is not known").contains("sesame"))
        #expect(headers.redacted("403: no") == "403: no")
    }
}
