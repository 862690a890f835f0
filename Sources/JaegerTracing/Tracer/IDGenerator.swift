import Synchronization

/// Creates the ids of traces and spans: unique, evenly distributed, never zero, and not secret.
///
/// One atomic counter per process feeds three keyed mixers (the output function of SplitMix64), so that an id costs an
/// addition and a few multiplications; `SystemRandomNumberGenerator` would be a system call for each. The keys are read
/// from the system once. There are three keys and not only a counter, because two processes whose counters coincide
/// would otherwise create the same sequence of ids.
public final class IDGenerator: Sendable {
    /// The generator of this process.
    public static let shared = IDGenerator()

    private let counter = Atomic<UInt64>(0)
    private let highKey: UInt64
    private let lowKey: UInt64
    private let spanKey: UInt64

    /// Creates a generator with keys from the system's random number generator.
    public convenience init() {
        var system = SystemRandomNumberGenerator()
        self.init(using: &system)
    }

    /// Creates a generator whose ids are determined by three numbers of another generator, for tests.
    public init(using source: inout some RandomNumberGenerator) {
        highKey = source.next()
        lowKey = source.next()
        spanKey = source.next()
    }

    /// Creates the id of a new trace.
    public func makeTraceID(_ width: TraceIDWidth = .bits128) -> TraceID {
        while true {
            let position = nextPosition()
            let low = Self.mix(position &+ lowKey)
            let high = width == .bits128 ? Self.mix(position &+ highKey) : 0
            // The lower half alone must not be zero either, because 64-bit services use only that.
            if low != 0 { return TraceID(high: high, low: low) }
        }
    }

    /// Creates the id of a new span.
    public func makeSpanID() -> SpanID {
        while true {
            let value = Self.mix(nextPosition() &+ spanKey)
            if value != 0 { return SpanID(value) }
        }
    }

    private func nextPosition() -> UInt64 {
        counter.wrappingAdd(1, ordering: .relaxed).oldValue &* 0x9e37_79b9_7f4a_7c15
    }

    /// The finaliser of SplitMix64, a bijection of the 64-bit numbers.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// The width of the ids of new traces.
public enum TraceIDWidth: Sendable {
    /// 64 bits, for services that support no more; the upper half is zero.
    case bits64
    /// 128 bits.
    case bits128
}
