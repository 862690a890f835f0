import JaegerTracing
import Synchronization

/// A sampler that always makes the same decision and records its parameters.
final class ScriptedSampler: Sampler {
    let isSampled: Bool
    private let asked = Mutex<[String]>([])

    init(_ isSampled: Bool = true) { self.isSampled = isSampled }

    var operationNames: [String] { asked.withLock { $0 } }

    func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        asked.withLock { $0.append(parameters.operationName) }
        return SamplingDecision(isSampled: isSampled, tags: [SpanTag("sampler.type", "scripted")])
    }
}
