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

    @inline(__always)
    static func string(_ value: String) -> Int { 3 + 4 + clampedCount(value.utf8.count) }

    @inline(__always)
    static func binary(_ value: [UInt8]) -> Int { 3 + 4 + clampedCount(value.count) }

    /// A length that fits the protocol's signed 32 bits; what is beyond is cut off.
    ///
    /// Nothing that long comes through the reporter's limits: this only keeps the encoder total.
    @inline(__always)
    static func clampedCount(_ count: Int) -> Int { min(count, Int(Int32.max)) }
}
