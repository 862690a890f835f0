import SpoorHTTP1

extension HTTP1Limits {
    /// Limits that short inputs exceed.
    static let tight: HTTP1Limits = {
        var limits = HTTP1Limits()
        limits.maxStartLineBytes = 60
        limits.maxHeadBytes = 150
        limits.maxHeaderCount = 5
        limits.maxBodyBytes = 40
        limits.maxChunkExtensionBytes = 10
        limits.maxTrailerBytes = 20
        limits.maxInterimResponses = 2
        return limits
    }()

    static let loose = HTTP1Limits()
}
