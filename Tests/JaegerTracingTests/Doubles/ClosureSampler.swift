import JaegerTracing
import Synchronization

/// A sampler that decides with a closure of the test, and records its parameters.
final class ClosureSampler: Sampler {
    private let closure: @Sendable (SamplingParameters) -> SamplingDecision
    private let asked = Mutex<[SamplingParameters]>([])

    init(_ closure: @escaping @Sendable (SamplingParameters) -> SamplingDecision) {
        self.closure = closure
    }

    /// Returns a sampler that is undecided until it must decide.
    static func late(_ isSampled: Bool) -> ClosureSampler {
        ClosureSampler { parameters in
            parameters.mustDecide ? .scripted(isSampled) : .undecided
        }
    }

    var received: [SamplingParameters] { asked.withLock { $0 } }

    func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        asked.withLock { $0.append(parameters) }
        return closure(parameters)
    }
}

extension SamplingDecision {
    /// Returns a final decision with a recognisable tag.
    static func scripted(_ isSampled: Bool) -> SamplingDecision {
        SamplingDecision(isSampled: isSampled, tags: [SpanTag("sampler.type", "scripted")])
    }
}
