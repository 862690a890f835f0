import CoreMetrics

/// Tells swift-metrics what one loop has counted, as differences, so that the loops add up and no request pays for it.
final class ServerMetrics {
    private let factory: any MetricsFactory
    private var told = ServerCounters()
    private let idle, active, handshaking: Meter
    private let accepted, requests, bytesReceived, bytesSent: Counter
    private let rejectedPeers, aborted, acceptShortages, loopStalls: Counter
    private let lag: CoreMetrics.Timer
    /// Those with a dimension, made when they are first counted.
    private var labelled: [String: Counter] = [:]

    init(factory: any MetricsFactory) {
        self.factory = factory
        func meter(_ state: String) -> Meter {
            Meter(
                label: "spoor.server.connections", dimensions: [("state", state)],
                factory: factory)
        }
        func counter(_ name: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: "spoor.server." + name, dimensions: dimensions, factory: factory)
        }
        idle = meter("idle")
        active = meter("active")
        handshaking = meter("handshaking")
        accepted = counter("accepted")
        requests = counter("requests")
        bytesReceived = counter("bytes", ("direction", "in"))
        bytesSent = counter("bytes", ("direction", "out"))
        rejectedPeers = counter("refused_peers")
        aborted = counter("cut_off")
        acceptShortages = counter("accept_shortages")
        loopStalls = counter("event_loop.stalls")
        lag = CoreMetrics.Timer(label: "spoor.server.event_loop.lag", factory: factory)
    }

    /// Tells what has changed since the last time.
    func publish(_ now: ServerCounters) {
        guard now != told else { return }
        move(idle, by: now.idle - told.idle)
        move(active, by: now.active - told.active)
        move(handshaking, by: now.handshaking - told.handshaking)
        count(accepted, now.accepted &- told.accepted)
        count(requests, now.requests &- told.requests)
        count(bytesReceived, now.bytesReceived &- told.bytesReceived)
        count(bytesSent, now.bytesSent &- told.bytesSent)
        count(rejectedPeers, now.rejectedPeers &- told.rejectedPeers)
        count(aborted, now.aborted &- told.aborted)
        count(acceptShortages, now.acceptShortages &- told.acceptShortages)
        count(loopStalls, now.loopStalls &- told.loopStalls)
        for (refusal, total) in now.refusals {
            let more = total - (told.refusals[refusal] ?? 0)
            count("refusals", [("status", "\(refusal.status)"), ("cause", refusal.cause)], more)
        }
        for (phase, total) in now.timeouts {
            count("timeouts", [("phase", phase.rawValue)], total - (told.timeouts[phase] ?? 0))
        }
        for (outcome, total) in now.handshakes {
            let more = total - (told.handshakes[outcome] ?? 0)
            count("tls.handshakes", [("outcome", outcome)], more)
        }
        for (outcome, total) in now.certificateReloads {
            let more = total - (told.certificateReloads[outcome] ?? 0)
            count("tls.reloads", [("outcome", outcome)], more)
        }
        told = now
    }

    /// Records the longest turn of the loop since the last time.
    func record(lagNanoseconds: UInt64) {
        lag.recordNanoseconds(Int64(clamping: lagNanoseconds))
    }

    private func move(_ meter: Meter, by difference: Int) {
        if difference > 0 { meter.increment(by: Double(difference)) }
        if difference < 0 { meter.decrement(by: Double(-difference)) }
    }

    private func count(_ counter: Counter, _ more: Int) {
        if more > 0 { counter.increment(by: more) }
    }

    private func count(_ name: String, _ dimensions: [(String, String)], _ more: Int) {
        guard more > 0 else { return }
        let key = dimensions.reduce(name) { $0 + "/" + $1.1 }
        let counter =
            labelled[key]
            ?? Counter(label: "spoor.server." + name, dimensions: dimensions, factory: factory)
        labelled[key] = counter
        counter.increment(by: more)
    }
}
