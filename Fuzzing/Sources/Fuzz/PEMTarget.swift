import SpoorTLS

/// PEM files: an identity of chain and key, or trust roots, as the first byte selects; an input that is rejected has a reason.
func fuzzPEM(_ input: Span<UInt8>) {
    guard !input.isEmpty else { return }
    let bytes = (1..<input.count).map { input[$0] }
    var configuration = TLSClientConfiguration()
    configuration.certificateVerification = input[0] & 1 == 0 ? .none : .full
    if input[0] & 1 == 0 {
        configuration.identity = TLSIdentity(certificateChainPEM: bytes, privateKeyPEM: bytes)
    } else {
        configuration.trustRoots = .pem(bytes)
    }
    do throws(TLSConfigurationError) {
        _ = try TLSClient(configuration)
        precondition(bytes.count > 50, "an identity or a root of nothing")
    } catch {
        precondition(!error.description.isEmpty)
    }
}
