import JaegerTracing
import Synchronization

/// A sampler that decides as a test says, and notes what it was asked.
final class ClosureSampler: Sampler {
    private let closure: @Sendable (SamplingCandidate) -> SamplingDecision
    private let asked = Mutex<[SamplingCandidate]>([])

    init(_ closure: @escaping @Sendable (SamplingCandidate) -> SamplingDecision) {
        self.closure = closure
    }

    /// A sampler that waits for its last chance.
    static func late(_ isSampled: Bool) -> ClosureSampler {
        ClosureSampler { candidate in
            candidate.isLastChance ? .scripted(isSampled) : .undecided
        }
    }

    var candidates: [SamplingCandidate] { asked.withLock { $0 } }

    func decide(_ candidate: SamplingCandidate) -> SamplingDecision {
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
