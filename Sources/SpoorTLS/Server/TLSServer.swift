internal import CSpoorOpenSSL
package import SpoorHTTP
package import SpoorNetworking
internal import Synchronization

/// A server's side of TLS, shared by all its loops: the identities as they were read last, and the
/// keys of its tickets.
///
/// New handshakes use what was read last, old connections keep what they began with. A reload that
/// fails leaves everything as it was.
package final class TLSServer: Sendable {
    /// How a reload went.
    package enum ReloadOutcome: Sendable {
        /// New connections see these certificates from now on.
        case reloaded([TLSCertificate])
        /// Everything stays as it was, for this reason.
        case failed(TLSConfigurationError)
    }

    /// How often the files were read again since the start.
    package struct ReloadCounts: Sendable {
        /// With new certificates.
        package fileprivate(set) var reloaded = 0
        /// With files that could not be used; once for each reason in a row.
        package fileprivate(set) var failed = 0
    }

    /// How long tickets are taken at the most: the keys that encrypt them live as long as a context,
    /// and who steals one reads all sessions that were resumed by it.
    static let ticketKeyLifetime = Duration.seconds(24 * 3600)
    /// After how long ``look(at:wallClock:)`` changes them.
    static let ticketKeyChange = Duration.seconds(12 * 3600)
    /// Files that have changed within so many seconds may be half of what is being written.
    private static let writingSeconds: Int64 = 2

    private struct State {
        var contexts: ServerContexts
        var madeAt: MonotonicInstant
        /// The files as they were when they were read last, whatever came of it.
        var stamps: [FileStamp?]
        /// Whether they are read again without a change: what was wrong may pass.
        var mustRetry = false
        /// What was told last of files that still cannot be used.
        var toldFailure: TLSConfigurationError?
        var counts = ReloadCounts()
        var isLooking = false
        var listener: (@Sendable (ReloadOutcome) -> Void)?
    }

    private let configuration: TLSServerConfiguration
    private let sources: [PEMSource]
    private let state: Mutex<State>
    /// One reads at a time, so that nobody puts older files in the place of newer ones.
    private let reading = Mutex(())

    /// Reads all that the configuration names; this blocks for files and is for the start of a
    /// server.
    package init(_ configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        self.configuration = configuration
        var sources = configuration.identities.flatMap { [$0.chain, $0.key] }
        switch configuration.clientCertificates {
        case .requested(let roots), .required(let roots):
            if case .pem(let source) = roots.source { sources.append(source) }
        case .none: break
        }
        self.sources = sources
        // Before the files are read: what changes meanwhile is seen by the next look.
        let stamps = sources.map(\.stamp)
        let contexts = try ServerContexts(ServerMaterial(configuration))
        state = Mutex(State(contexts: contexts, madeAt: .now(), stamps: stamps))
    }

    /// The certificates that are shown, one of each identity.
    package var certificates: [TLSCertificate] { state.withLock(\.contexts).certificates }

    /// How reloads went so far.
    package var reloadCounts: ReloadCounts { state.withLock(\.counts) }

    /// How long to wait between two looks: as long as is asked for, but an hour at the most, for the
    /// tickets' sake.
    package var lookInterval: Duration {
        let wanted = configuration.reloadInterval
        return wanted > .zero ? min(max(wanted, .milliseconds(1)), .seconds(3600)) : .seconds(3600)
    }

    /// Tells `listener` of every reload, on whatever thread; of failures that repeat, once.
    package func observeReloads(_ listener: @escaping @Sendable (ReloadOutcome) -> Void) {
        state.withLock { $0.listener = listener }
    }

    // MARK: Reading

    /// Reads everything again, whether it has changed or not; this blocks for files.
    ///
    /// - Throws: What is wrong with the new files; the old certificates stay.
    package func reload() throws(TLSConfigurationError) {
        try reading.withLock { _ throws(TLSConfigurationError) in
            let stamps = sources.map(\.stamp)
            do throws(TLSConfigurationError) {
                try read(stamps)
            } catch {
                tell(of: error)
                throw error
            }
        }
    }

    /// Reads the files again if they have changed, and changes the keys of tickets that are old; this
    /// blocks for files.
    ///
    /// Of files that cannot be used, but have been written to just now, nothing is told yet: maybe
    /// one of two is there, or half of one.
    package func look(
        at now: MonotonicInstant = .now(), wallClock: Int64 = WallClock.secondsSinceEpoch()
    ) {
        changeTicketKeys(at: now)
        guard configuration.reloadInterval > .zero else { return }
        reading.withLock { _ in
            let stamps = sources.map(\.stamp)
            guard state.withLock({ $0.mustRetry || $0.stamps != stamps }) else { return }
            do throws(TLSConfigurationError) {
                try read(stamps)
            } catch {
                let mayBeHalf = stamps.contains { stamp in
                    guard let stamp else { return false }
                    return (0..<Self.writingSeconds).contains(wallClock - stamp.changedAt)
                }
                if mayBeHalf {
                    state.withLock { $0.mustRetry = true }
                } else {
                    tell(of: error)
                }
            }
        }
    }

    /// Does the same on another thread, unless one is still at it: a file system may keep it waiting.
    package func startLook() {
        let isFree = state.withLock { state in
            defer { state.isLooking = true }
            return !state.isLooking
        }
        guard isFree else { return }
        let refusal = BlockingPool.files.submit {
            self.look()
            self.state.withLock { $0.isLooking = false }
        }
        // There is a next time.
        if refusal != nil { state.withLock { $0.isLooking = false } }
    }

    /// Puts what the files hold now in the place of what was read before.
    private func read(_ stamps: [FileStamp?]) throws(TLSConfigurationError) {
        let contexts: ServerContexts
        do throws(TLSConfigurationError) {
            contexts = try ServerContexts(ServerMaterial(configuration))
        } catch {
            state.withLock { state in
                state.stamps = stamps
                state.mustRetry = error.mayPass
            }
            throw error
        }
        let listener = state.withLock { state in
            state.contexts = contexts
            state.madeAt = .now()
            state.stamps = stamps
            state.mustRetry = false
            state.toldFailure = nil
            state.counts.reloaded += 1
            return state.listener
        }
        listener?(.reloaded(contexts.certificates))
    }

    /// Tells of files that cannot be used, unless it was just that which was told last.
    private func tell(of error: TLSConfigurationError) {
        let listener = state.withLock { state in
            guard state.toldFailure != error else {
                return nil as (@Sendable (ReloadOutcome) -> Void)?
            }
            state.toldFailure = error
            state.counts.failed += 1
            return state.listener
        }
        listener?(.failed(error))
    }

    // MARK: Handshakes

    /// What a handshake that begins now uses.
    ///
    /// The keys of its tickets are not too old, whether anybody looks after them or not: time may
    /// have passed while the machine slept.
    func contexts(at now: MonotonicInstant) throws(TLSConfigurationError) -> ServerContexts {
        let (contexts, madeAt) = state.withLock { ($0.contexts, $0.madeAt) }
        guard now >= madeAt.advanced(by: Self.ticketKeyLifetime) else { return contexts }
        return try renewed(contexts, at: now)
    }

    private func changeTicketKeys(at now: MonotonicInstant) {
        let (contexts, madeAt) = state.withLock { ($0.contexts, $0.madeAt) }
        guard now >= madeAt.advanced(by: Self.ticketKeyChange) else { return }
        // Without memory for it the handshakes try again, and fail in the end.
        _ = try? renewed(contexts, at: now)
    }

    /// The same identities with other keys for their tickets; made of what was read before, for the
    /// files may be bad by now.
    private func renewed(
        _ old: ServerContexts, at now: MonotonicInstant
    ) throws(TLSConfigurationError) -> ServerContexts {
        let made = try ServerContexts(old.material)
        return state.withLock { state in
            // Somebody else was quicker.
            guard state.contexts === old else { return state.contexts }
            state.contexts = made
            state.madeAt = now
            return made
        }
    }
}
