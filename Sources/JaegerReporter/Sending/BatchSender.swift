/// Carries the body of a batch to a collector; the reporter's seam towards the network.
protocol BatchSender: Sendable {
    /// Sends a body, once, and judges the answer; returns ``Verdict/cancelled`` soon after its task is cancelled.
    func send(_ body: BatchBody) async -> Verdict

    /// Gives back what the sender holds.
    func close() async
}

/// A batch as bytes, made once however often they are sent.
struct BatchBody: Sendable, Equatable {
    let bytes: [UInt8]
    var isGzip = false
}

extension BatchBody {
    /// Encodes a batch, and compresses it if that is wanted and possible.
    init(_ batch: SpanBatch, as format: WireFormat, compression: CollectorEndpoint.Compression) {
        let plain = format.body(of: batch)
        if compression == .gzip, let compressed = Gzip.compressed(plain) {
            self.init(bytes: compressed, isGzip: true)
        } else {
            self.init(bytes: plain)
        }
    }
}
