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

    private func respond(to error: any Error, accept: String? = nil) -> Response {
        var request = Request()
        if let accept { request.headers.append(.accept, accept) }
        return response(for: error, to: request, traceID: nil)
    }

    private func text(_ response: Response) -> String {
        if case .bytes(let bytes) = response.body {
            String(decoding: bytes, as: UTF8.self)
        } else {
            ""
        }
    }

    @Test func `becomes the response that it describes`() {
        let error = HTTPError(.notFound, "no such greeting", headers: [.via: "a"])
        let sent = respond(to: error)
        #expect(sent.status == .notFound && sent.headers[.via] == "a")
        #expect(
            text(sent)
                == #"{"type":"about:blank","title":"Not Found","status":404,"detail":"no such greeting"}"#
        )
        #expect(respond(to: Teapot()).status.code == 418)
        #expect(text(respond(to: HTTPError(.conflict), accept: "text/plain")) == "409 Conflict\n")
    }

    @Test func `reveals nothing of an error without a response`() {
        let sent = respond(to: Secret())
        #expect(sent.status == .internalServerError)
        #expect(
            text(sent) == #"{"type":"about:blank","title":"Internal Server Error","status":500}"#)
    }

    @Test func `prints status and message`() {
        #expect(HTTPError(.notFound, "a").description == "404 Not Found: a")
        #expect(HTTPError(.notFound, "404 Not Found: a").description == "404 Not Found: a")
        #expect(HTTPError(.notFound).description == "404 Not Found")
    }
}
