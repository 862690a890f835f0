import CSpoorZlib

/// Makes gzip of a body (RFC 1952), by the system's zlib.
enum Gzip {
    /// zlib's quickest level: spans repeat themselves so much that the better ones gain a few hundredths.
    private static let level: Int32 = 1

    /// The bytes as one gzip member; nil if there is no memory for it.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        let capacity = spoor_gzip_bound(bytes.count)
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { input in
                count = unsafe spoor_gzip(
                    input.baseAddress, input.count, buffer.baseAddress, capacity, level)
            }
        }
        return output.isEmpty ? nil : output
    }
}
