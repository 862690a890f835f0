import HTTPTypes
import Testing

@testable import SpoorHTTP

@Suite struct ResponseTests {
    @Test func `counts the bytes of its body`() {
        #expect(Response.Body.none.count == 0)
        #expect(Response.Body.text("é").count == 2)
        #expect(Response.Body.bytes([1, 2, 3]).count == 3)
    }

    @Test func `has the status, headers and body it was created with`() {
        let text = Response(text: "a")
        #expect(text.status == .ok && text.contentType == "text/plain; charset=utf-8")
        let bytes = Response(status: .created, headers: [.eTag: "b"], bytes: [1])
        #expect(bytes.status == .created && bytes.contentType == "application/octet-stream")
        #expect(bytes.headers[.eTag] == "b")
        #expect(Response().contentType == nil && Response().body.count == 0)
    }

    @Test func `is created from the values that a handler may return`() {
        #expect("é".response().body.count == 2)
        #expect(([1, 2] as [UInt8]).response().body.count == 2)
        #expect(HTTPResponse.Status.noContent.response().status == .noContent)
        #expect(Response(status: .accepted).response().status == .accepted)
    }
}

@Suite struct ResponseErrorTests {
    struct Teapot: ResponseError {
        func response() -> Response { Response(status: .init(code: 418)) }
    }
    struct Secret: Error {
        let password = "open sesame"
    }

    private func text(_ response: Response) -> String {
        if case .text(let text) = response.body { text } else { "" }
    }

    @Test func `becomes the response that it describes`() {
        let answer = response(for: HTTPError(.notFound, "no such greeting", headers: [.via: "a"]))
        #expect(answer.status == .notFound && text(answer) == "no such greeting\n")
        #expect(answer.headers[.via] == "a")
        #expect(response(for: Teapot()).status.code == 418)
        #expect(text(response(for: HTTPError(.conflict))) == "409 Conflict\n")
    }

    @Test func `reveals nothing of an error without a response`() {
        let answer = response(for: Secret())
        #expect(answer.status == .internalServerError)
        #expect(text(answer) == "500 Internal Server Error\n")
    }

    @Test func `prints status and message`() {
        #expect(HTTPError(.notFound, "a").description == "404 Not Found: a")
        #expect(HTTPError(.notFound, "404 Not Found: a").description == "404 Not Found: a")
        #expect(HTTPError(.notFound).description == "404 Not Found")
    }
}
