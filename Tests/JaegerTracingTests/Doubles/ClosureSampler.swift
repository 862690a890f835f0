import JaegerTracing
import Synchronization

/// A sampler that decides as a test says, and notes what it was asked.
final class ClosureSampler: Sampler {
    private let closure: @Sendable (SamplingParameters) -> SamplingDecision
    private let asked = Mutex<[SamplingParameters]>([])

    init(_ closure: @escaping @Sendable (SamplingParameters) -> SamplingDecision) {
        self.closure = closure
    }

    /// A sampler that waits for its last chance.
    static func late(_ isSampled: Bool) -> ClosureSampler {
        ClosureSampler { candidate in
            candidate.mustDecide ? .scripted(isSampled) : .undecided
        }
    }

    var candidates: [SamplingParameters] { asked.withLock { $0 } }

    func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        asked.withLock { $0.append(candidate) }
        return closure(candidate)
    }
}

extension SamplingDecision {
    /// A final decision with a tag that is easily told.
    static func scripted(_ isSampled: Bool) -> SamplingDecision {
        SamplingDecision(isSampled: isSampled, tags: [SpanTag("sampler.type", "scripted")])
    }
}
