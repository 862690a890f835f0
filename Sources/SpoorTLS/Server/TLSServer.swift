internal import CSpoorOpenSSL
package import SpoorHTTP
package import SpoorNetworking
internal import Synchronization

/// The server side of TLS, shared by all event loops: the identities as they were last read, and the ticket keys.
///
/// New handshakes use the latest certificates, existing connections keep those they started with. A failed reload
/// changes nothing.
package final class TLSServer: Sendable {
    /// The outcome of a reload.
    package enum ReloadOutcome: Sendable {
        /// New connections are presented these certificates.
        case reloaded([TLSCertificate])
        /// The previous certificates stay in use, for this reason.
        case failed(TLSConfigurationError)
    }

    /// The numbers of reloads since the start.
    package struct ReloadCounts: Sendable {
        /// The number of reloads with new certificates.
        package fileprivate(set) var reloaded = 0
        /// The number of reloads with files that could not be loaded; repeated failures for the same reason count
        /// once.
        package fileprivate(set) var failed = 0
    }

    /// The maximum age of an accepted ticket: the encryption keys live as long as a context, and an attacker with a
    /// stolen key can read all sessions that were resumed with it.
    static let ticketKeyLifetime = Duration.seconds(24 * 3600)
    /// The age at which ``checkFiles(at:wallClock:)`` rotates the ticket keys.
    static let ticketKeyChange = Duration.seconds(12 * 3600)
    /// The number of seconds after a change during which a file may still be incompletely written.
    private static let writingSeconds: Int64 = 2

    private struct State {
        var contexts: ServerContexts
        var madeAt: MonotonicInstant
        /// The time stamps of the files when they were last read, whether or not that succeeded.
        var stamps: [FileStamp?]
        /// Whether the files are read again without a change, because the failure may be transient.
        var mustRetry = false
        /// The last reported failure, while the files still cannot be loaded.
        var lastReportedFailure: TLSConfigurationError?
        var counts = ReloadCounts()
        var isCheckingFiles = false
        var observer: (@Sendable (ReloadOutcome) -> Void)?
    }

    private let configuration: TLSServerConfiguration
    private let sources: [PEMSource]
    private let state: Mutex<State>
    /// Serializes reads, so that older files never replace newer ones.
    private let reading = Mutex(())

    /// Reads all files that the configuration names; blocks, so call it when the server starts.
    package init(_ configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        self.configuration = configuration
        var sources = configuration.identities.flatMap { [$0.chain, $0.key] }
        switch configuration.clientCertificates {
        case .requested(let roots), .required(let roots):
            if case .pem(let source) = roots.source { sources.append(source) }
        case .none: break
        }
        self.sources = sources
        // Taken before the files are read, so that the next check notices a change in between.
        let stamps = sources.map(\.stamp)
        let contexts = try ServerContexts(LoadedConfiguration(configuration))
        state = Mutex(State(contexts: contexts, madeAt: .now(), stamps: stamps))
    }

    /// The certificates that are presented, one for each identity.
    package var certificates: [TLSCertificate] { state.withLock(\.contexts).certificates }

    /// The numbers of reloads so far.
    package var reloadCounts: ReloadCounts { state.withLock(\.counts) }

    /// The interval between two file checks: the configured interval, but at most one hour because of the ticket
    /// keys.
    package var fileCheckInterval: Duration {
        let wanted = configuration.reloadInterval
        return wanted > .zero ? min(max(wanted, .milliseconds(1)), .seconds(3600)) : .seconds(3600)
    }

    /// Notifies `observer` of every reload, on any thread; a repeated failure is reported once.
    package func observeReloads(_ observer: @escaping @Sendable (ReloadOutcome) -> Void) {
        state.withLock { $0.observer = observer }
    }

    // MARK: Reading

    /// Reads all files again, whether they have changed or not; blocks.
    ///
    /// - Throws: What is wrong with the new files; the previous certificates stay in use.
    package func reload() throws(TLSConfigurationError) {
        try reading.withLock { _ throws(TLSConfigurationError) in
            let stamps = sources.map(\.stamp)
            do throws(TLSConfigurationError) {
                try read(stamps)
            } catch {
                report(error)
                throw error
            }
        }
    }

    /// Reads the files again if they have changed, and rotates ticket keys that are old; blocks.
    ///
    /// For files that cannot be loaded but were written to just now, no failure is reported yet: one of two files, or
    /// a part of one, may be missing.
    package func checkFiles(
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
                    report(error)
                }
            }
        }
    }

    /// Checks the files on another thread, unless a check is still running; a file system may block it.
    package func startFileCheck() {
        let isFree = state.withLock { state in
            defer { state.isCheckingFiles = true }
            return !state.isCheckingFiles
        }
        guard isFree else { return }
        let rejection = BlockingPool.files.submit {
            self.checkFiles()
            self.state.withLock { $0.isCheckingFiles = false }
        }
        // The next interval tries again.
        if rejection != nil { state.withLock { $0.isCheckingFiles = false } }
    }

    /// Replaces the identities by the current contents of the files.
    private func read(_ stamps: [FileStamp?]) throws(TLSConfigurationError) {
        let contexts: ServerContexts
        do throws(TLSConfigurationError) {
            contexts = try ServerContexts(LoadedConfiguration(configuration))
        } catch {
            state.withLock { state in
                state.stamps = stamps
                state.mustRetry = error.isTransient
            }
            throw error
        }
        let observer = state.withLock { state in
            state.contexts = contexts
            state.madeAt = .now()
            state.stamps = stamps
            state.mustRetry = false
            state.lastReportedFailure = nil
            state.counts.reloaded += 1
            return state.observer
        }
        observer?(.reloaded(contexts.certificates))
    }

    /// Reports files that cannot be loaded, unless the same failure was reported last.
    private func report(_ error: TLSConfigurationError) {
        let observer = state.withLock { state in
            guard state.lastReportedFailure != error else {
                return nil as (@Sendable (ReloadOutcome) -> Void)?
            }
            state.lastReportedFailure = error
            state.counts.failed += 1
            return state.observer
        }
        observer?(.failed(error))
    }

    // MARK: Handshakes

    /// Returns the contexts for a new handshake.
    ///
    /// Ticket keys are rotated here if they are too old, because time may have passed without a file check while the
    /// machine slept.
    func contexts(at now: MonotonicInstant) throws(TLSConfigurationError) -> ServerContexts {
        let (contexts, madeAt) = state.withLock { ($0.contexts, $0.madeAt) }
        guard now >= madeAt.advanced(by: Self.ticketKeyLifetime) else { return contexts }
        return try renewed(contexts, at: now)
    }

    private func changeTicketKeys(at now: MonotonicInstant) {
        let (contexts, madeAt) = state.withLock { ($0.contexts, $0.madeAt) }
        guard now >= madeAt.advanced(by: Self.ticketKeyChange) else { return }
        // If memory is short, the next handshakes try again.
        _ = try? renewed(contexts, at: now)
    }

    /// Returns contexts with the same identities and new ticket keys, created from what was read before, because the
    /// files may be invalid by now.
    private func renewed(
        _ old: ServerContexts, at now: MonotonicInstant
    ) throws(TLSConfigurationError) -> ServerContexts {
        let made = try ServerContexts(old.loaded)
        return state.withLock { state in
            // Another thread has rotated the keys already.
            guard state.contexts === old else { return state.contexts }
            state.contexts = made
            state.madeAt = now
            return made
        }
    }
}
