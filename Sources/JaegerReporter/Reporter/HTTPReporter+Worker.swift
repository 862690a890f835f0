import Synchronization

/// The task that sends: takes what is due, and stays with a batch until it is settled.
///
/// What is to be done is decided by ``SpanQueue`` and ``DeliveryPlan``; here it is done.
extension HTTPReporter {
    func work() async {
        var plan = DeliveryPlan(limits.retries, now: time.now())
        while true {
            switch queue.withLock({ $0.next(now: time.now()) }) {
            case .send(let batch): await deliver(batch, by: &plan)
            case .wait(until: nil): await wakeUp.wait()
            case .wait(until: let instant?): await wakeUp.wait(until: instant, in: time)
            case .finished: return
            }
        }
    }

    private func deliver(_ batch: SpanBatch, by plan: inout DeliveryPlan) async {
        plan.begin(at: time.now())
        let body = BatchBody(batch, as: endpoint.format, compression: endpoint.compression)
        while true {
            await pause(by: plan)
            // Only a reporter that has settled everything cancels its worker.
            if Task.isCancelled { return }
            haste.withLock { $0.beginAttempt() }
            let verdict = await sender.send(body)
            let now = time.now()
            note(verdict, at: now)
            let haste = haste.withLock { $0 }
            switch plan.next(
                after: verdict, at: now, in: haste, jitter: .random(in: 0..<1))
            {
            case .settle(let delivery): return settle(batch, as: delivery, after: verdict, at: now)
            case .attempt:
                let pending = queue.withLock { queue in
                    queue.noteRetry()
                    return queue.status.pending
                }
                metrics.retry(pending: pending)
            }
        }
    }

    /// Waits until the plan lets the batch go, which a flush or closing may bring forward meanwhile.
    private func pause(by plan: DeliveryPlan) async {
        while !Task.isCancelled {
            let instant = plan.attemptTime(in: haste.withLock { $0 })
            guard instant > time.now() else { return }
            await wakeUp.wait(until: instant, in: time)
        }
    }

    /// Keeps what an attempt came to, and says it if it is news.
    private func note(_ verdict: Verdict, at now: TimeSource.Instant) {
        switch verdict {
        case .accepted(let refusedSpans, let warning):
            queue.withLock { queue in
                queue.noteSuccess(at: now)
                if refusedSpans > 0 { queue.noteFailure(verdict.reason, at: now) }
            }
            failures.note { $0.sent(warning: refusedSpans > 0 ? nil : warning, at: now) }
        case .refused(let reason):
            queue.withLock { $0.noteFailure(reason, at: now) }
        case .unavailable(let reason, _):
            queue.withLock { $0.noteFailure(reason, at: now) }
            failures.note { $0.attemptFailed(reason, at: now) }
        case .cancelled: break
        }
    }

    /// Books a batch, tells of losses, and lets those go on that waited for it.
    private func settle(
        _ batch: SpanBatch, as delivery: Delivery, after verdict: Verdict,
        at now: TimeSource.Instant
    ) {
        let pending = queue.withLock { queue -> Int? in
            queue.resolve(batch, as: delivery) ? queue.status.pending : nil
        }
        guard let pending else { return }
        metrics.note(delivery, of: batch.spanCount, pending: pending)
        if let loss = delivery.loss(of: batch.spanCount) {
            failures.note {
                $0.lost(
                    loss, because: verdict.reason, isRefusal: verdict.isRefusal, at: now)
            }
        }
        resumeWaiters()
    }
}

extension Delivery {
    /// How many of so many spans were lost; nil for none.
    fileprivate func loss(of count: Int) -> Int? {
        switch self {
        case .sent(let refused): refused > 0 ? min(refused, count) : nil
        case .dropped: count
        }
    }
}

extension Verdict {
    /// What the collector, or the way to it, gave as reason.
    fileprivate var reason: String {
        switch self {
        case .accepted(_, let warning): warning ?? "the collector left out spans"
        case .refused(let reason), .unavailable(let reason, _): reason
        case .cancelled: "the reporter closed"
        }
    }

    /// Whether the collector will say the same again.
    fileprivate var isRefusal: Bool {
        switch self {
        case .accepted, .refused: true
        case .unavailable, .cancelled: false
        }
    }
}
