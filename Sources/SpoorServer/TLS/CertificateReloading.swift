import Logging
import ServiceLifecycle
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText
import SpoorTLS
import UnixSignals

/// Reads a server's certificates again whenever the process receives `SIGHUP`.
struct CertificateReloading: Service {
    let server: HTTPServer

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            // A failure has been logged, and the previous certificates stay in use.
            try? await server.reloadCertificates()
        }
    }
}

extension TLSServer {
    /// Checks the certificate files and rotates the ticket keys, until the task is cancelled.
    func watchFiles() async {
        while (try? await Task.sleep(for: fileCheckInterval)) != nil { startFileCheck() }
    }

    /// Reads a configuration; logs which certificates were read, then and at every reload.
    convenience init(
        _ configuration: TLSServerConfiguration, logger: Logger
    ) throws(TLSConfigurationError) {
        try self.init(configuration)
        logger.info(
            "certificates loaded", metadata: ["certificates": "\(certificates.map(\.summary))"])
        Self.warn(of: certificates, by: logger)
        observeReloads { outcome in
            switch outcome {
            case .reloaded(let certificates):
                logger.notice(
                    "certificates reloaded",
                    metadata: ["certificates": "\(certificates.map(\.summary))"])
                Self.warn(of: certificates, by: logger)
            case .failed(let error):
                logger.error(
                    "certificate reload failed, previous certificates stay in use",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    /// Warns only, because clients may accept the certificate, and the clock may be wrong.
    private static func warn(of certificates: [TLSCertificate], by logger: Logger) {
        let now = WallClock.secondsSinceEpoch()
        for certificate in certificates where certificate.notAfter < now {
            logger.warning(
                "certificate expired", metadata: ["certificate": "\(certificate.summary)"])
        }
        for certificate in certificates where certificate.notBefore > now {
            logger.warning(
                "certificate not yet valid", metadata: ["certificate": "\(certificate.summary)"])
        }
    }
}

extension TLSCertificate {
    /// The subject and the end of the validity period.
    fileprivate var summary: String {
        "\(subject) until \(HTTPDate(secondsSince1970: notAfter))"
    }
}
