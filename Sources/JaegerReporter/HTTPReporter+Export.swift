import Synchronization

/// The worker: exports one batch at a time, and retries it until it is sent or dropped.
///
/// ``SpanQueue`` and ``ExportPolicy`` make the decisions, which the worker executes.
extension HTTPReporter {
    func work() async {
        var policy = ExportPolicy(limits.retries, now: time.now())
        var wakeUps = wakeUps.makeAsyncIterator()
        while true {
            switch queue.withLock({ $0.next(now: time.now()) }) {
            case .send(let batch): await export(batch, by: &policy, &wakeUps)
            case .wait(until: nil): await wakeUps.next(isolation: #isolation)
            case .wait(until: let instant?): await wait(until: instant, &wakeUps)
            case .finished: return
            }
        }
    }

    private func export(
        _ batch: SpanBatch, by policy: inout ExportPolicy,
        _ wakeUps: inout AsyncStream<Void>.Iterator
    ) async {
        policy.begin(at: time.now())
        let body = ExportBody(
            batch, as: endpoint.format, isCompressed: endpoint.compression == .gzip)
        while true {
            await delay(by: policy, &wakeUps)
            if Task.isCancelled {
                assert(status.pending == 0, "the worker is cancelled when nothing is pending")
                return
            }
            requests.withLock { $0.beginAttempt() }
            let result = await exporter.export(body)
            let now = time.now()
            record(result, at: now)
            let requests = requests.withLock { $0 }
            switch policy.step(after: result, at: now, requests, jitter: .random(in: 0..<1)) {
            case .complete(let outcome): return complete(batch, as: outcome, after: result, at: now)
            case .attempt:
                let pending = queue.withLock { queue in
                    queue.countRetry()
                    return queue.status.pending
                }
                metrics.retry(pending: pending)
            }
        }
    }

    /// Waits until the policy allows the next attempt; a flush or a shutdown in the meantime may make it earlier.
    private func delay(
        by policy: ExportPolicy, _ wakeUps: inout AsyncStream<Void>.Iterator
    ) async {
        while !Task.isCancelled {
            let instant = policy.nextAttempt(requests.withLock { $0 })
            guard instant > time.now() else { return }
            await wait(until: instant, &wakeUps)
        }
    }

    /// Waits for a wake-up or until an instant.
    private func wait(
        until instant: TimeSource.Instant, _ wakeUps: inout AsyncStream<Void>.Iterator
    ) async {
        let timer = Task.detached { [time, wakeUp] in
            try await time.sleep(instant)
            wakeUp.yield()
        }
        await wakeUps.next(isolation: #isolation)
        timer.cancel()
    }

    /// Records the result of an attempt, and logs it if a line is due.
    private func record(_ result: ExportResult, at now: TimeSource.Instant) {
        switch result {
        case .success(let rejectedSpans, let warning):
            queue.withLock { queue in
                queue.recordSuccess(at: now)
                if rejectedSpans > 0 { queue.recordFailure(result.reason, at: now) }
            }
            failures.record { $0.sent(warning: rejectedSpans > 0 ? nil : warning, at: now) }
        case .failure(let reason):
            queue.withLock { $0.recordFailure(reason, at: now) }
        case .retryable(let reason, _):
            queue.withLock { $0.recordFailure(reason, at: now) }
            failures.record { $0.attemptFailed(reason, at: now) }
        case .cancelled: break
        }
    }

    /// Counts the spans of a batch, logs dropped ones, and resumes the flushes that waited for it.
    private func complete(
        _ batch: SpanBatch, as outcome: BatchOutcome, after result: ExportResult,
        at now: TimeSource.Instant
    ) {
        let pending = queue.withLock { queue -> Int? in
            queue.resolve(batch, as: outcome) ? queue.status.pending : nil
        }
        guard let pending else { return }
        metrics.count(outcome, of: batch.spanCount, pending: pending)
        if let dropped = outcome.droppedSpans(of: batch.spanCount) {
            failures.record {
                $0.lost(
                    dropped, because: result.reason, isRejection: result.isFinal, at: now)
            }
        }
        resumeWaiters()
    }
}

extension ExportResult {
    /// The reason that the collector or the connection gave.
    fileprivate var reason: String {
        switch self {
        case .success(_, let warning): warning ?? "the collector rejected spans"
        case .failure(let reason), .retryable(let reason, _): reason
        case .cancelled: "the reporter was shut down"
        }
    }

    /// Whether the collector would give the same response again.
    fileprivate var isFinal: Bool {
        switch self {
        case .success, .failure: true
        case .retryable, .cancelled: false
        }
    }
}
