import HTTPTypes
import JaegerTracing
import SpoorHTTP

/// The fields of a message as Jaeger's propagation reads and writes them: bytes in place, by name.
struct FieldsCarrier: HeaderCarrier, HeaderWriter {
    var fields: Fields

    func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        fields.forEach(body)
    }

    mutating func setField(_ name: String, to value: String) {
        // A configured name that is no token cannot be sent at all.
        guard let name = HTTPField.Name(name) else { return }
        fields[name] = value
    }

    mutating func removeFields(where isStale: (_ name: Span<UInt8>) -> Bool) {
        let bytes = fields.bytes
        fields.entries.removeAll { isStale(bytes.span.extracting($0.name)) }
    }
}
