/// The number of bytes and a checksum that depends on their order, for streams that are too long to be stored.
struct Checksum {
    var count = 0
    var sum = 0

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes {
            count += 1
            sum = (sum &* 31 &+ Int(byte)) % 1_000_003
        }
    }

    var text: String { "\(count) \(sum)" }
}
