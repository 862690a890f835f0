/// Carries the body of a batch to a collector; the reporter's seam towards the network.
protocol BatchSender: Sendable {
    /// Sends the body of one batch, once.
    func send(_ body: [UInt8]) async -> SendOutcome

    /// Gives back what the sender holds.
    func close() async
}

/// What a collector said to a batch, or what kept it from saying anything.
enum SendOutcome: Sendable, Equatable {
    /// 202: the collector has it.
    case accepted
    /// The batch will never be taken: a 4xx status.
    case rejected(String)
    /// The collector could not be reached or cannot take batches now.
    case undeliverable(String)

    /// Judges a status as the collectors mean it (202 accepted; 4xx the batch's fault; all else theirs).
    static func judge(status: Int, body: [UInt8]) -> SendOutcome {
        switch status {
        case 202: return .accepted
        // Something answers there, but no collector does so.
        case 200..<300: return .rejected(describe(status, body))
        case 408, 429: return .undeliverable(describe(status, body))
        case 400..<500: return .rejected(describe(status, body))
        default: return .undeliverable(describe(status, body))
        }
    }

    private static func describe(_ status: Int, _ body: [UInt8]) -> String {
        let line = body.prefix(200).prefix { $0 != 0x0A && $0 != 0x0D }
        return "the collector answered \(status): \(String(decoding: line, as: UTF8.self))"
    }
}
