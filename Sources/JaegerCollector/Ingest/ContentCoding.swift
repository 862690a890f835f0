import CSpoorZlib
import HTTPTypes

/// The content codings of bodies of spans (RFC 9110 §8.4.1), decoded by the system's zlib within a limit.
///
/// Other backends support a few more, but no client uses them. `identity` is for `Accept-Encoding` only.
enum ContentCoding {
    case gzip, deflate

    /// - Returns: Nil for an unknown coding, and for several codings.
    init?(_ name: String) {
        switch name.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: return nil
        }
    }

    /// Returns the decoded bytes.
    ///
    /// The memory grows with the output, so that few bytes do not allocate the whole limit in advance.
    /// - Throws: 400 if the bytes are malformed or incomplete; 413 if there are more than `maxBytes` bytes.
    func inflated(_ bytes: [UInt8], maxBytes: Int) throws(IngestFault) -> [UInt8] {
        // One byte more than the limit, because zlib does not distinguish a full buffer from a complete stream before
        // its end.
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
