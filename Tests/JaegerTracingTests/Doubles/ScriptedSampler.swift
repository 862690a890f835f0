import JaegerTracing
import Synchronization

/// A sampler that always makes the same decision and records its parameters.
final class ScriptedSampler: Sampler {
    let isSampled: Bool
    private let asked = Mutex<[String]>([])

    init(_ isSampled: Bool = true) { self.isSampled = isSampled }

    var operationNames: [String] { asked.withLock { $0 } }

    func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        asked.withLock { $0.append(candidate.operationName) }
        return SamplingDecision(isSampled: isSampled, tags: [SpanTag("sampler.type", "scripted")])
    }
}
