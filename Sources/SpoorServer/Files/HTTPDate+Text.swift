import SpoorHTTP
import SpoorHTTP1

/// The one form of dates that is sent.
extension HTTPDate {
    /// A second as IMF-fixdate (RFC 9110 §5.6.7).
    static func text(ofSeconds seconds: Int64) -> String {
        var bytes: [UInt8] = []
        DateField.append(unixSeconds: seconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
