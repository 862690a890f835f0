import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorMiddleware

@Suite struct FailureReportTests {
    private struct PrivateError: Error {}

    @Test func `the type of an error is named without addresses in any scope`() {
        struct LocalError: Error {}
        enum Outer { struct NestedError: Error {} }
        let suite = "SpoorMiddlewareTests.FailureReportTests"
        #expect(FailureReport.typeName(of: HTTPError(.conflict)) == "SpoorHTTP.HTTPError")
        #expect(FailureReport.typeName(of: PrivateError()) == suite + ".PrivateError")
        #expect(FailureReport.typeName(of: LocalError()).hasSuffix("LocalError"))
        #expect(FailureReport.typeName(of: Outer.NestedError()).hasSuffix("Outer.NestedError"))
        for error: any Error in [LocalError(), Outer.NestedError()] {
            #expect(!FailureReport.typeName(of: error).contains("unknown context"))
        }
        #expect(FailureReport.typeName(of: CancellationError()) == "Swift.CancellationError")
    }
}
