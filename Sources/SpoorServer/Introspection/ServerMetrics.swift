import CoreMetrics

/// Publishes the counters of one event loop to swift-metrics, as differences, so that the loops add up and no request
/// pays for it.
final class ServerMetrics {
    private let factory: any MetricsFactory
    private var published = ServerCounters()
    private let idle, active, handshaking: Meter
    private let accepted, requests, bytesReceived, bytesSent: Counter
    private let rejectedPeers, aborted, acceptShortages, loopStalls: Counter
    private let lag: CoreMetrics.Timer
    /// Counters with a dimension, created when they are first incremented.
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
        rejectedPeers = counter("rejected_peers")
        aborted = counter("aborted")
        acceptShortages = counter("accept_shortages")
        loopStalls = counter("event_loop.stalls")
        lag = CoreMetrics.Timer(label: "spoor.server.event_loop.lag", factory: factory)
    }

    /// Publishes the changes since the last call.
    func publish(_ now: ServerCounters) {
        guard now != published else { return }
        move(idle, by: now.idle - published.idle)
        move(active, by: now.active - published.active)
        move(handshaking, by: now.handshaking - published.handshaking)
        count(accepted, now.accepted &- published.accepted)
        count(requests, now.requests &- published.requests)
        count(bytesReceived, now.bytesReceived &- published.bytesReceived)
        count(bytesSent, now.bytesSent &- published.bytesSent)
        count(rejectedPeers, now.rejectedPeers &- published.rejectedPeers)
        count(aborted, now.aborted &- published.aborted)
        count(acceptShortages, now.acceptShortages &- published.acceptShortages)
        count(loopStalls, now.loopStalls &- published.loopStalls)
        for (rejection, total) in now.rejections {
            let more = total - (published.rejections[rejection] ?? 0)
            count(
                "rejections", [("status", "\(rejection.status)"), ("cause", rejection.cause)], more)
        }
        for (phase, total) in now.timeouts {
            count("timeouts", [("phase", phase.rawValue)], total - (published.timeouts[phase] ?? 0))
        }
        for (outcome, total) in now.handshakes {
            let more = total - (published.handshakes[outcome] ?? 0)
            count("tls.handshakes", [("outcome", outcome)], more)
        }
        for (outcome, total) in now.certificateReloads {
            let more = total - (published.certificateReloads[outcome] ?? 0)
            count("tls.reloads", [("outcome", outcome)], more)
        }
        published = now
    }

    /// Records the longest iteration of the event loop since the last call.
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
