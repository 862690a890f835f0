import HTTPTypes
import SpoorHTTP
import SpoorText
import Testing

/// The common headers of requests as values, and headers by name and type.
@Suite struct RequestHeadersTests {
    @Test func `headers are values`() throws {
        let headers: Headers = [
            .contentType: "Application/JSON ;charset=utf-8", .accept: "text/html",
            .acceptEncoding: "gzip", .acceptLanguage: "de", .range: "bytes=0-1",
            .ifMatch: "\"a\"", .ifNoneMatch: "*", .ifRange: "\"b\"",
            .ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT", .authorization: "bearer x",
            "X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.2", "Last-Event-ID": "7",
        ]
        #expect(headers.contentType?.isJSON == true)
        #expect(headers.accept.preferred(among: [.json, .html]) == .html)
        #expect(headers.acceptEncoding.preferred(among: ["gzip"]) == "gzip")
        #expect(headers.acceptLanguage.preferred(among: ["en", "de"]) == "de")
        #expect(headers.range?.ranges == [.closed(first: 0, last: 1)])
        #expect(headers.ifMatch?.stronglyMatches(EntityTag(opaque: "a")) == true)
        #expect(headers.ifNoneMatch == .any)
        #expect(headers.ifRange == EntityTag(opaque: "b").map { .entityTag($0) })
        #expect(headers.ifModifiedSince?.secondsSince1970 == 784_111_777)
        let authorization = try headers.authorization
        #expect(authorization?.bearerToken == "x")
        #expect(headers.xForwarded.map { $0.client?.name } == ["192.0.2.1"])
        #expect(headers.forwarded.map { $0.client?.name } == ["192.0.2.2"])
        #expect(headers.lastEventID == "7")
    }

    @Test func `missing and invalid headers are nil`() throws {
        let none = Headers()
        #expect(none.contentType == nil && none.range == nil)
        let authorization = try none.authorization
        #expect(authorization == nil)
        #expect(none.ifMatch == nil && none.ifRange == nil && none.lastEventID == nil)
        #expect(none.accept.preferred(among: [.html]) == .html)
        #expect(none.forwarded.isEmpty && none.xForwarded.isEmpty)
        var bad: Headers = [
            .contentType: "application/json foo", .range: "bytes=2-1", .ifModifiedSince: "now",
            .ifUnmodifiedSince: "1", .ifRange: "b", .ifMatch: "a", "Last-Event-ID": "",
        ]
        #expect(bad.contentType == nil && bad.range == nil && bad.ifModifiedSince == nil)
        #expect(bad.ifUnmodifiedSince == nil && bad.ifRange == .malformed)
        #expect(bad.ifMatch == .tags([]) && bad.lastEventID == nil)
        bad[.contentType] = "text/html"
        bad.append(.contentType, "text/plain")
        bad["Last-Event-ID"] = String(repeating: "x", count: 1025)
        #expect(bad.contentType == nil && bad.lastEventID == nil)
    }

    @Test func `a repeated header is nil, also if the joined values are valid`() throws {
        let headers: Headers = [
            .contentType: "text/html; a=\"b", .contentType: "c\"", .range: "bytes=0-1",
            .range: "5-6", .ifModifiedSince: "Sun", .ifModifiedSince: "06 Nov 1994 08:49:37 GMT",
            .ifUnmodifiedSince: "Sun", .ifUnmodifiedSince: "06 Nov 1994 08:49:37 GMT",
            "Last-Event-ID": "1", "Last-Event-ID": "2",
        ]
        #expect(headers.contentType == nil && headers.range == nil && headers.lastEventID == nil)
        #expect(headers.ifModifiedSince == nil && headers.ifUnmodifiedSince == nil)
    }

    @Test func `headers are read by type`() throws {
        let headers: Headers = ["X-Count": "7", .date: "Sun, 06 Nov 1994 08:49:37 GMT"]
        #expect(try headers.require("X-Count", as: Int.self) == 7)
        #expect(try headers.get("X-None", as: Int.self) == nil)
        #expect(try headers.get("X-None", default: 3) == 3)
        #expect(try headers.get(.date, as: HTTPDate.self)?.secondsSince1970 == 784_111_777)
    }

    @Test(
        arguments: [
            (["X-Count": "x"], "header X-Count: must be an integer, not \"x\""),
            (["X-Count": "+1"], "header X-Count: must be an integer, not \"+1\""),
            ([:], "header X-Count: is missing, must be an integer"),
            (["X-Count": "1", "X-Count": "2"], "header X-Count: occurs 2 times, must occur once"),
        ] as [(Headers, String)])
    func `an invalid header is a problem that names it`(headers: Headers, detail: String) throws {
        let problem = try #require(
            #expect(throws: Problem.self) { try headers.require("X-Count", as: Int.self) })
        #expect(problem.status == .badRequest)
        #expect(problem.violations.map { "\($0)" } == [detail])
    }

    // P152, P154, P158
    @Test(
        arguments: [
            ([.ifMatch: "\"a\""], .put, PreconditionResult.failed),
            ([.ifMatch: "*"], .put, .failed),
            ([.ifNoneMatch: "*"], .put, .holds), ([.ifNoneMatch: "\"a\""], .get, .holds),
        ] as [(Headers, HTTPRequest.Method, PreconditionResult)])
    func `a resource that does not exist matches nothing`(
        headers: Headers, method: HTTPRequest.Method, expected: PreconditionResult
    ) {
        #expect(headers.precondition(for: nil, method: method) == expected)
    }

    @Test(
        arguments: [
            ([.ifMatch: "\"a\""], .put, PreconditionResult.holds), ([.ifMatch: "*"], .put, .holds),
            ([.ifMatch: "W/\"a\""], .put, .failed), ([.ifMatch: "b"], .put, .failed),
            ([.ifNoneMatch: "\"a\""], .put, .failed),
            ([.ifNoneMatch: "W/\"a\""], .get, .notModified),
            ([.ifNoneMatch: "*"], .put, .failed), ([.ifNoneMatch: "\"a\""], .options, .holds),
            ([.ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], .get, .holds),
            ([:], .get, .holds),
        ] as [(Headers, HTTPRequest.Method, PreconditionResult)])
    func `a resource without a date is compared by its tag`(
        headers: Headers, method: HTTPRequest.Method, expected: PreconditionResult
    ) {
        let validators = Validators(entityTag: EntityTag(opaque: "a"))
        #expect(headers.precondition(for: validators, method: method) == expected)
        #expect(validators.headers == [.eTag: "\"a\""])
    }
}
