import SpoorHTTP1

extension HTTP1Limits {
    /// Bounds that short inputs reach.
    static let tight: HTTP1Limits = {
        var limits = HTTP1Limits()
        limits.startLineBytesMax = 60
        limits.headBytesMax = 150
        limits.fieldCountMax = 5
        limits.bodyBytesMax = 40
        limits.chunkExtensionBytesMax = 10
        limits.trailerBytesMax = 20
        limits.interimResponsesMax = 2
        return limits
    }()

    static let loose = HTTP1Limits()
}
