import Synchronization

/// Decisions on the trace that are made in the midst of it.
extension JaegerSpan {
    /// Asks an undecided sampler again, if this is the local root and may have changed.
    func reconsider() {
        guard let localTrace else { return }
        reconsider(localTrace)
    }

    private func reconsider(_ localTrace: LocalTrace) {
        guard localTrace.verdict == .undecided, localTrace.rootID == spanID, !hasEnded else {
            return
        }
        let (name, tags) = record.withLock { ($0.operationName, $0.tags) }
        localTrace.reconsider(name, tags)
    }

    /// Marks the span and its later children as firehose: backends that know the flag (8, of Jaeger's
    /// client for Go) keep them out of their indices.
    public func setFirehose() {
        guard !tracer.isPassThrough else { return }
        record.withLock { record in
            if !hasEnded { record.flags.insert(.firehose) }
        }
    }

    /// Decides on the trace from here on.
    ///
    /// - Returns: Whether the tag is to be kept.
    func setSamplingPriority(_ value: TagValue) -> Bool {
        guard !tracer.isPassThrough else { return false }
        switch value {
        case .int(let number): return number > 0 ? force() : refuse()
        case .double(let number): return number > 0 ? force() : refuse()
        case .string, .bool, .binary, .array: return false
        }
    }

    /// Puts the span and its later children into the trace, as debug.
    private func force() -> Bool {
        let (isDebug, name) = record.withLock { ($0.flags.contains(.debug), $0.operationName) }
        guard !hasEnded, !isDebug, tracer.allowsDebug(name) else { return false }
        let isForced = record.withLock { record in
            guard !hasEnded else { return false }
            record.flags.formUnion([.sampled, .debug])
            record.isOnItsOwn = true
            beginRecording(&record)
            return true
        }
        if isForced { localTrace?.keep() }
        return isForced
    }

    /// Takes the span and its later children out of the trace.
    private func refuse() -> Bool {
        let isRefused = record.withLock { record in
            guard !hasEnded else { return false }
            record.flags.subtract([.sampled, .debug])
            record.isOnItsOwn = true
            if changePhase(from: .recording, to: .unsampled)
                || changePhase(from: .held, to: .unsampled)
            {
                record.discardRecording()
            }
            return true
        }
        if isRefused { localTrace?.forget() }
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
