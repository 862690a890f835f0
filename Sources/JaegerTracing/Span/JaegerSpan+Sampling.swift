import Synchronization

/// Sampling decisions that are made after the start of a span.
extension JaegerSpan {
    /// Calls an undecided sampler again, if this is the local root.
    func reconsider() {
        guard let localTrace else { return }
        reconsider(localTrace)
    }

    private func reconsider(_ localTrace: LocalTrace) {
        guard localTrace.status == .undecided, localTrace.rootID == spanID, !hasEnded else {
            return
        }
        let (name, tags) = record.withLock { ($0.operationName, $0.tags) }
        localTrace.reconsider(name, tags)
    }

    /// Sets the firehose flag on the span and its later children: backends that know the flag (8, of Jaeger's Go
    /// client) do not index them.
    public func setFirehose() {
        guard !tracer.isPassThrough else { return }
        record.withLock { record in
            if !hasEnded { record.flags.insert(.firehose) }
        }
    }

    /// Applies the tag `sampling.priority` to the trace from here on.
    ///
    /// - Returns: Whether the tag is kept.
    func setSamplingPriority(_ value: TagValue) -> Bool {
        guard !tracer.isPassThrough else { return false }
        switch value {
        case .int(let number): return number > 0 ? force() : unsample()
        case .double(let number): return number > 0 ? force() : unsample()
        case .string, .bool, .binary, .array: return false
        }
    }

    /// Marks the span and its later children as sampled and debug; returns false if nothing changed.
    private func force() -> Bool {
        let (isDebug, name) = record.withLock { ($0.flags.contains(.debug), $0.operationName) }
        guard !hasEnded, !isDebug, tracer.allowsDebug(name) else { return false }
        let isForced = record.withLock { record in
            guard !hasEnded else { return false }
            record.flags.formUnion([.sampled, .debug])
            record.hasSamplingPriority = true
            beginRecording(&record)
            return true
        }
        if isForced { localTrace?.report() }
        return isForced
    }

    /// Marks the span and its later children as not sampled; returns false if nothing changed.
    private func unsample() -> Bool {
        let isRejected = record.withLock { record in
            guard !hasEnded else { return false }
            record.flags.subtract([.sampled, .debug])
            record.hasSamplingPriority = true
            if changePhase(from: .recording, to: .unsampled)
                || changePhase(from: .held, to: .unsampled)
            {
                record.discardRecording()
            }
            return true
        }
        if isRejected { localTrace?.discard() }
        return false
    }

    private func beginRecording(_ record: inout SpanRecord) {
        if changePhase(from: .held, to: .recording) || isRecording { return }
        if record.startNanosecondsSinceEpoch == 0 {
            let elapsed = UInt64(max(0, Host.monotonicClock &- startMonotonic))
            record.startNanosecondsSinceEpoch = Host.wallClock &- elapsed
        }
        record.begin(kind)
        _ = changePhase(from: .unsampled, to: .recording)
    }

    private func changePhase(from old: Phase, to new: Phase) -> Bool {
        phase.compareExchange(expected: old, desired: new, ordering: .relaxed).exchanged
    }
}
