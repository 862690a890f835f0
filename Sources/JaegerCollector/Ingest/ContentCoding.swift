import CSpoorZlib
import HTTPTypes

/// The content codings that bodies of spans may have (RFC 9110 §8.4.1), undone by the system's zlib within a bound.
///
/// Real backends know a few more, but no client of theirs sends one. `identity` is for `Accept-Encoding` only.
enum ContentCoding {
    case gzip, deflate

    /// - Returns: Nil for a coding that is not known, and for several on top of each other.
    init?(_ name: String) {
        switch name.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: return nil
        }
    }

    /// The bytes without the coding.
    ///
    /// The memory follows what comes out, so that few bytes never claim the whole bound at once.
    /// - Throws: 400 for what is malformed or cut off; 413 for more than `maxBytes` bytes.
    func inflated(_ bytes: [UInt8], maxBytes: Int) throws(IngestFault) -> [UInt8] {
        // One byte more than is asked for: zlib tells a full buffer from an end only by the end.
        let enough = maxBytes < .max ? maxBytes + 1 : .max
        var capacity = min(max(bytes.count, 1 << 12), enough)
        while true {
            capacity = capacity < enough / 4 ? capacity * 4 : enough
            let (output, outcome) = inflated(bytes, capacity: capacity)
            switch outcome {
            case 0...:
                guard output.count <= maxBytes else { throw Self.tooLarge(maxBytes) }
                return output
            case -1 where capacity < enough: continue
            case -1: throw Self.tooLarge(maxBytes)
            default:
                throw IngestFault(.badRequest, "Unable to process request body: malformed \(self)")
            }
        }
    }

    private static func tooLarge(_ maxBytes: Int) -> IngestFault {
        IngestFault(.contentTooLarge, "The body has more than \(maxBytes) bytes when inflated")
    }

    private func inflated(_ bytes: [UInt8], capacity: Int) -> ([UInt8], outcome: Int) {
        var outcome = 0
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            outcome = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe spoor_inflate(
                    input.baseAddress, input.count, buffer.baseAddress, capacity,
                    self == .gzip ? 1 : 0)
            }
            count = max(0, outcome)
        }
        return (output, outcome)
    }
}
