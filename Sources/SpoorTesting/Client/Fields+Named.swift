public import SpoorHTTP
import HTTPTypes

/// Fields by names as they are written, for tests.
extension Fields {
    /// The fields of names and values, in order: `.named(["X-Request-ID": "7"])`.
    ///
    /// Stops the test if a name is no token (RFC 9110 §5.1): what malformed names do is tested by ``RawPeer``.
    public static func named(_ pairs: KeyValuePairs<String, String>) -> Fields {
        var fields = Fields()
        for (text, value) in pairs {
            guard let name = HTTPField.Name(text) else {
                preconditionFailure("“\(text)” is no name of a field")
            }
            fields.append(name, value)
        }
        return fields
    }
}
