/// The type bytes of the Thrift binary protocol, as they stand in field, list and map headers.
///
/// A reader that knows them can step over any value without knowing what it means.
package enum ThriftType: UInt8, Sendable {
    case bool = 0x02
    case byte = 0x03
    case double = 0x04
    case int16 = 0x06
    case int32 = 0x08
    case int64 = 0x0a
    /// `string` and `binary` of the IDL are the same on the wire.
    case string = 0x0b
    case structure = 0x0c
    case map = 0x0d
    case set = 0x0e
    case list = 0x0f
    case uuid = 0x10
}
