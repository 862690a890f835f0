import HTTPTypes
import JaegerTracing
import SpoorHTTP
import Tracing

/// The fields of a message as Jaeger's propagation reads and writes them: bytes in place, by name.
struct FieldsCarrier: HeaderCarrier, HeaderWriter {
    var fields: Fields

    func forEachField(_ body: (_ name: Swift.Span<UInt8>, _ value: Swift.Span<UInt8>) -> Void) {
        fields.forEach(body)
    }

    mutating func setField(_ name: String, to value: String) {
        // A configured name that is no token cannot be sent at all.
        guard let name = HTTPField.Name(name) else { return }
        fields[name] = value
    }

    mutating func removeFields(where isStale: (_ name: Swift.Span<UInt8>) -> Bool) {
        let bytes = fields.bytes
        fields.entries.removeAll { isStale(bytes.span.extracting($0.name)) }
    }
}

/// The fields of a message as the tracers of swift-distributed-tracing read and write them.
struct FieldsInstrument: Extractor, Injector {
    func extract(key: String, from fields: Fields) -> String? {
        HTTPField.Name(key).flatMap { fields[$0] }
    }

    func inject(_ value: String, forKey key: String, into fields: inout Fields) {
        guard let name = HTTPField.Name(key) else { return }
        fields[name] = value
    }
}
