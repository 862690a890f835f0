import HTTPTypes
import SpoorHTTP
import Testing

@Suite struct ErrorTextTests {
    @Test(arguments: [
        (HTTPResponse.Status(code: 500), "500 Internal Server Error"),
        (.notFound, "404 Not Found"), (HTTPResponse.Status(code: 422), "422 Unprocessable Content"),
        (HTTPResponse.Status(code: 402), "402 Payment Required"),
        (HTTPResponse.Status(code: 599), "599"),
        (HTTPResponse.Status(code: 599, reasonPhrase: "Own"), "599 Own"),
    ])
    func `a status is printed with its reason`(status: HTTPResponse.Status, text: String) {
        let error = HTTPError(status)
        #expect("\(error)" == text)
        #expect(error.problem == Problem(status))
        #expect(error.response().status == status)
        #expect("\(HTTPError(status, "why"))" == text + ": why")
    }

    @Test(
        arguments: [
            .headAlreadySent, .bodyAlreadyComplete, .bodyTooLong, .bodyTooShort, .statusNotInterim,
            .statusNotFinal(.continue),
        ] as [ResponseStateError])
    func `the error of a misused response contains the fix`(error: ResponseStateError) {
        #expect("\(error)".contains(":"))
        #expect("\(error)".contains(" "))
    }
}
