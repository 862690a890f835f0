import HTTPTypes
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct SamplingRoutesTests {
    private func get(_ target: String) async throws -> InProcessCollector.Response {
        try await InProcessCollector().post(
            [], contentType: nil, method: .get, target: target)
    }

    @Test(arguments: ["/api/sampling?service=shop", "/sampling?a=1&service=my%20shop"])
    func `a service gets its strategy`(target: String) async throws {
        let response = try await get(target)
        #expect(response.status == 200)
        #expect(response.contentType == "application/json")
        #expect(
            response.text
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1.0}}"#
        )
    }

    @Test(arguments: ["/sampling", "/sampling?service=", "/api/sampling?service=a&service=b"])
    func `a request must contain one service`(target: String) async throws {
        #expect(try await get(target).status == 400)
    }
}
