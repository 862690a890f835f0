import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Files that the kernel sends (sendfile), as fast as the peer reads, and taking turns with other connections.
extension ConnectionDriver {
    /// Returns whether the kernel sends a file; a small file is read, and sent together with its head.
    func sends(filesOf byteCount: Int) -> Bool {
        byteCount > Self.maxCopiedFileBytes && workspace.value.encoder.sendsBody
            && stream.sendsFiles
    }

    private static let maxCopiedFileBytes = 16 << 10
    /// The maximum number of bytes per call, so that other connections get their turn: the call may read from a disk.
    private static let maxBytesPerCall = 256 << 10

    /// Makes the kernel send a part of a file after the head that announced it.
    func send(_ file: ReadableFile, _ range: Range<Int>, for exchange: Exchange) async throws {
        _ = try workspace.value.encoder.admit(range.count)
        while try flush() == .mustDrain { try await waitWritable() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            try checkHandlerTimeout()
            switch try sendOnce(file, from: offset, upTo: range.upperBound) {
            case .wouldBlock: try await waitWritable()
            case .bytes(0): throw FileSendError.becameShorter
            case .bytes(let count):
                offset += count
                exchange.state.value.bodyBytesSent = offset - range.lowerBound
                if isTurnOver() { await yieldTurn() }
            }
        }
    }

    private func sendOnce(
        _ file: ReadableFile, from offset: Int, upTo end: Int
    ) throws(ConnectionFault) -> SendResult {
        do {
            let result = try stream.sendFile(
                file, from: offset, count: min(end - offset, Self.maxBytesPerCall))
            if case .bytes(let count) = result { countSent(count) }
            return result
        } catch {
            throw recorded(.broken(error))
        }
    }
}
