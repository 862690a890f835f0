import HTTPTypes
import Testing

@testable import SpoorHTTP

/// A reset clears all state of the last request: a property that is added must be listed here.
@Suite struct ExchangeStateTests {
    private struct Observer: ExchangeObserver {}

    private struct Failure: Error {}

    private final class Identity: TraceIdentity {
        var traceIDText: String { "1" }
    }

    /// The state that a reset keeps: the parser overwrites the head, the connection stays, and the chain sets the values
    /// of the application.
    private static let kept: Set<String> = ["request", "connection", "application"]

    private func used() -> ExchangeState {
        var state = ExchangeState()
        state.route = RouteTemplate("/{a}", names: ["a"])
        state.parameterRanges = [1..<2]
        state.outerRoutes = [
            OuterRoute(RouteTemplate("/{b...}", names: ["b"]), requestVersion: 0)
        ]
        state.trailers = [.eTag: "x"]
        state.maxBodyBytes = 1
        state.bodyBytesReceived = 1
        state.hasReadBody = true
        state.changes = ExchangeChanges()
        state.observers = [AddedObserver(observer: Observer(), requestVersion: 0)]
        state.observedSteps = .all
        state.responseStatus = .notFound
        state.isResponseStatusSet = true
        state.responseHeaders = [.eTag: "x"]
        state.phase = .complete
        state.isWithheld = true
        state.bodyBytesSent = 1
        state.responseContentType = "text/plain"
        state.outcome = .failed(Failure())
        state.errorResponseActions = [{ _ in }]
        state.isErrorResponse = true
        state.duplexCounts = DuplexCounts()
        state.traceIdentity = Identity()
        state.attachments = [(ObjectIdentifier(Self.self), 1)]
        return state
    }

    private func values(_ state: ExchangeState) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: Mirror(reflecting: state).children.map { child in
                (child.label ?? "", String(describing: child.value))
            })
    }

    @Test func `a reset clears the state of the last request`() {
        let fresh = values(ExchangeState())
        var state = used()
        for (name, value) in values(state) where !Self.kept.contains(name) {
            #expect(value != fresh[name], "use \(name) in this test")
        }
        state.reset()
        for (name, value) in values(state) where !Self.kept.contains(name) {
            #expect(value == fresh[name], "reset() does not reset \(name)")
        }
        #expect(Self.kept.isSubset(of: fresh.keys))
    }

    @Test func `a reset clears the rejection of a header`() {
        var state = ExchangeState()
        state.responseHeaders.append(.eTag, "a\nb")
        #expect(state.responseHeaders.rejectedName == "ETag")
        state.reset()
        #expect(state.responseHeaders.rejectedName == nil)
    }
}
