import Logging
import ServiceLifecycle
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText
import SpoorTLS
import UnixSignals

/// Reads a server's certificates again whenever the process gets `SIGHUP`.
struct CertificateReloading: Service {
    let server: HTTPServer

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            // What cannot be used has been told by the log, and the old ones stay.
            try? await server.reloadCertificates()
        }
    }
}

extension TLSServer {
    /// Looks after the files and the keys of tickets, until the task is cancelled.
    func keepLooking() async {
        while (try? await Task.sleep(for: fileCheckInterval)) != nil { startFileCheck() }
    }

    /// Reads a configuration, and tells by a log what was read, then and at every reload.
    convenience init(
        _ configuration: TLSServerConfiguration, telling logger: Logger
    ) throws(TLSConfigurationError) {
        try self.init(configuration)
        logger.info("certificates read", metadata: ["certificates": "\(certificates.map(\.told))"])
        Self.warn(of: certificates, by: logger)
        observeReloads { outcome in
            switch outcome {
            case .reloaded(let certificates):
                logger.notice(
                    "certificates reloaded",
                    metadata: ["certificates": "\(certificates.map(\.told))"])
                Self.warn(of: certificates, by: logger)
            case .failed(let error):
                logger.error(
                    "certificates not reloaded, the old ones stay", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Such a server still serves: clients may know better, and the clock may be wrong.
    private static func warn(of certificates: [TLSCertificate], by logger: Logger) {
        let now = WallClock.secondsSinceEpoch()
        for certificate in certificates where certificate.notAfter < now {
            logger.warning(
                "a certificate has expired", metadata: ["certificate": "\(certificate.told)"])
        }
        for certificate in certificates where certificate.notBefore > now {
            logger.warning(
                "a certificate is not good yet", metadata: ["certificate": "\(certificate.told)"])
        }
    }
}

extension TLSCertificate {
    /// Whose it is and until when it is good.
    fileprivate var told: String {
        "\(subject) until \(HTTPDate(secondsSince1970: notAfter))"
    }
}
