import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// The headers of a message as carrier of Jaeger's propagation: bytes in place, by name.
struct HeadersCarrier: HeaderCarrier, HeaderWriter {
    var headers: Headers

    func forEachHeader(_ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void) {
        headers.forEach(body)
    }

    mutating func setHeader(_ name: String, to value: String) {
        // A configured name that is not a token cannot be sent.
        guard let name = HTTPField.Name(name) else { return }
        headers[name] = value
    }

    mutating func removeHeaders(where isStale: (_ name: Swift.Span<UInt8>) -> Bool) {
        let bytes = headers.bytes
        headers.entries.removeAll { isStale(bytes.span.extracting($0.name)) }
    }
}

/// The headers of a message as carrier of the tracers of swift-distributed-tracing.
struct HeadersInstrument: Extractor, Injector {
    func extract(key: String, from headers: Headers) -> String? {
        HTTPField.Name(key).flatMap { headers[$0] }
    }

    func inject(_ value: String, forKey key: String, into headers: inout Headers) {
        guard let name = HTTPField.Name(key) else { return }
        headers[name] = value
    }
}
