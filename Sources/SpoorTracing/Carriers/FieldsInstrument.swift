import HTTPTypes
import SpoorHTTP
import Tracing

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
