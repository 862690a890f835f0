import HTTPTypes
import JaegerTracing
import SpoorHTTP

/// The header fields of one attempt, and which words of them must not be repeated in a log.
struct EndpointHeaders: Sendable {
    private(set) var fields: Fields
    private let secrets: [String]

    /// Puts together what the endpoint has, what its provider gave, and what the body needs; the later wins.
    init(_ endpoint: CollectorEndpoint, provided: Fields, body: BatchBody) {
        fields = endpoint.headers
        if let authorization = endpoint.authorization {
            fields[.authorization] = authorization.fieldValue
        }
        fields.replace(with: provided)
        secrets = fields.flatMap { field in
            [field.value] + field.value.split(separator: " ").dropFirst().map(String.init)
        }.filter { $0.utf8.count >= 4 }
        if fields[.userAgent] == nil { fields[.userAgent] = "Spoor/" + SpoorVersion.current }
        fields[.contentType] = endpoint.format.contentType
        // Without compression there is no field at all: real collectors answer `identity` with 400.
        fields[.contentEncoding] = body.isGzip ? "gzip" : nil
    }

    /// The text, unless it repeats a secret.
    func redacted(_ reason: String) -> String {
        guard secrets.contains(where: reason.contains) else { return reason }
        return "the collector's answer repeats a header of ours, and is not shown"
    }
}
