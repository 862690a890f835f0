/// What fields take on the wire, in bytes: the sizes that ``Swift/OutputSpan`` is reserved by.
///
/// Sizes are exact, so they also bound queues and batches before anything is encoded.
enum ThriftSize {
    /// The byte that ends a struct.
    static let stop = 1
    static let bool = 3 + 1
    static let int32 = 3 + 4
    static let int64 = 3 + 8
    static let double = 3 + 8
    /// The header of a list field: type and id, element type, count.
    static let listHeader = 3 + 1 + 4

    /// A text; none comes near the protocol's signed 32 bits, for batches have a bound.
    @inline(__always)
    static func string(_ value: String) -> Int { 3 + 4 + value.utf8.count }

    @inline(__always)
    static func binary(_ value: [UInt8]) -> Int { 3 + 4 + value.count }
}
