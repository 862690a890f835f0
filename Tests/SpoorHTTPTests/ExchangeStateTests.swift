import HTTPTypes
import Testing

@testable import SpoorHTTP

/// A reset forgets nothing of the last request: a field that is added has to be named here.
@Suite struct ExchangeStateTests {
    private struct Observer: ExchangeObserver {
        var looksAtPhases: Bool { true }
        func exchange(_ exchange: Exchange, did step: ExchangeStep) {}
    }

    private struct Failure: Error {}

    /// What a reset keeps: the parser writes the next head over the last one, and the connection stays.
    private static let kept: Set<String> = ["request", "connection"]

    private func used() -> ExchangeState {
        var state = ExchangeState()
        state.route = RouteTemplate("/{a}", names: ["a"])
        state.parameterRanges = [1..<2]
        state.outerRoutes = [RouteTemplate("/{b...}", names: ["b"])]
        state.trailers = [.eTag: "x"]
        state.maxBodyBytes = 1
        state.bodyBytesReceived = 1
        state.hasReadBody = true
        state.observer = Observer()
        state.responseStatus = .notFound
        state.isResponseStatusSet = true
        state.responseHeaders = [.eTag: "x"]
        state.phase = .complete
        state.isWithheld = true
        state.bodyBytesSent = 1
        state.responseContentType = "text/plain"
        state.outcome = .failed(Failure())
        state.settledActions = [{ _ in }]
        state.isErrorResponse = true
        state.duplexCounts = DuplexCounts()
        state.attachments = [(ObjectIdentifier(Self.self), 1)]
        return state
    }

    private func values(_ state: ExchangeState) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: Mirror(reflecting: state).children.map { child in
                (child.label ?? "", String(describing: child.value))
            })
    }

    @Test func `a reset leaves nothing of the last request`() {
        let fresh = values(ExchangeState())
        var state = used()
        for (name, value) in values(state) where !Self.kept.contains(name) {
            #expect(value != fresh[name], "use \(name) in this test")
        }
        state.reset()
        for (name, value) in values(state) where !Self.kept.contains(name) {
            #expect(value == fresh[name], "reset() forgets \(name)")
        }
        #expect(Self.kept.isSubset(of: fresh.keys))
    }

    @Test func `a reset forgets a field that was refused`() {
        var state = ExchangeState()
        state.responseHeaders.append(.eTag, "a\nb")
        #expect(state.responseHeaders.refusedName == "ETag")
        state.reset()
        #expect(state.responseHeaders.refusedName == nil)
    }
}
