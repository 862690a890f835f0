internal import COpenSSL
package import SpoorHTTP
internal import SpoorNetworking
internal import Synchronization

/// A server's side of TLS, shared by all its loops: the identities as they were read last, and when
/// to read them again.
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

    /// How long tickets can be resumed at the most: the keys that encrypt them live as long as a
    /// context, and who steals one reads all sessions that were resumed by it.
    private static let ticketKeyLifetime = Duration.seconds(24 * 3600)

    private struct State {
        var contexts: ServerContexts
        var stamps: [FileStamp?]
        /// The state of the files that could not be used.
        var failedStamps: [FileStamp?]?
        var loadedAt: MonotonicInstant
        var lookedAt: MonotonicInstant
        var isLooking = false
        var listener: (@Sendable (ReloadOutcome) -> Void)?
    }

    private let configuration: TLSServerConfiguration
    private let sources: [PEMSource]
    private let state: Mutex<State>

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
        let stamps = sources.map(\.stamp)
        let contexts = try ServerContexts(configuration)
        let now = MonotonicInstant.now()
        state = Mutex(
            State(contexts: contexts, stamps: stamps, loadedAt: now, lookedAt: now))
    }

    /// The certificates that are shown, one of each identity.
    package var certificates: [TLSCertificate] {
        let contexts = state.withLock(\.contexts)
        return contexts.certificates.map { $0.value() }
    }

    /// Tells `listener` of every reload, on whatever thread.
    package func observeReloads(_ listener: @escaping @Sendable (ReloadOutcome) -> Void) {
        state.withLock { $0.listener = listener }
    }

    /// Reads everything again, whether it has changed or not; this blocks for files.
    ///
    /// - Throws: What is wrong with the new files; the old certificates stay.
    package func reload() throws(TLSConfigurationError) {
        // Before the files are read: what changes meanwhile is seen by the next look.
        let stamps = sources.map(\.stamp)
        do {
            let contexts = try ServerContexts(configuration)
            let listener = state.withLock { state in
                state.contexts = contexts
                state.stamps = stamps
                state.failedStamps = nil
                state.loadedAt = .now()
                return state.listener
            }
            listener?(.reloaded(contexts.certificates.map { $0.value() }))
        } catch {
            let listener = state.withLock { state in
                // What the system failed to do may go well next time, with the same files.
                state.failedStamps = if error.mayPass { nil } else { stamps }
                return state.listener
            }
            listener?(.failed(error))
            throw error
        }
    }

    /// What a handshake that begins now uses; looks after the files now and then, on another thread.
    func contexts(at now: MonotonicInstant) -> ServerContexts {
        let (contexts, mustLook) = state.withLock { state in
            let interval = configuration.reloadInterval
            let isDue =
                interval > .zero && !state.isLooking
                && now >= state.lookedAt.advanced(by: interval)
            if isDue {
                state.isLooking = true
                state.lookedAt = now
            }
            return (state.contexts, isDue)
        }
        if mustLook, BlockingPool.shared.submit({ self.look() }) != nil {
            state.withLock { $0.isLooking = false }
        }
        return contexts
    }

    /// Reads the files again if they have changed, or if the ticket keys are old.
    private func look() {
        let found = sources.map(\.stamp)
        let mustReload = state.withLock { state in
            if state.failedStamps == found { return false }
            return found != state.stamps
                || MonotonicInstant.now() >= state.loadedAt.advanced(by: Self.ticketKeyLifetime)
        }
        // What went wrong has been told to the listener.
        if mustReload { try? reload() }
        state.withLock { $0.isLooking = false }
    }
}
