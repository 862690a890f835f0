package import SpoorNetworking

/// A wait that ended with another outcome than `ready`.
package struct UnexpectedWait: Error {
    package let outcome: WaitOutcome
}

/// Reads and writes that wait, in a task on the stream's event loop.
extension ByteStream {
    /// Reads once, waiting for it; empty at the end of the stream.
    package func readSome(max: Int = 65_536) async throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: max)
        while true {
            let result = try unsafe buffer.withUnsafeMutableBytes { try unsafe receive(into: $0) }
            switch result {
            case .bytes(let count): return Array(buffer[..<count])
            case .endOfStream: return []
            case .wouldBlock:
                guard !mayHaveMore else { continue }
                let outcome = await waitReadable(until: .never)
                guard outcome == .ready else { throw UnexpectedWait(outcome: outcome) }
            }
        }
    }

    /// Reads `count` bytes, or up to the end of the stream.
    package func read(count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let more = try await readSome(max: count - all.count)
            if more.isEmpty { break }
            all += more
        }
        return all
    }

    /// Reads up to the end of the stream, at most `pieces` bytes in one read.
    package func readToEnd(pieces: Int = 65_536) async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = try await readSome(max: pieces)
            if more.isEmpty { return all }
            all += more
        }
    }

    /// Writes all of `bytes`, waiting where necessary.
    package func write(_ bytes: [UInt8], onWait: () -> Void = {}) async throws {
        var sent = 0
        while sent < bytes.count {
            switch try send(bytes.span.extracting(droppingFirst: sent)) {
            case .bytes(let count): sent += count
            case .wouldBlock:
                onWait()
                let outcome = await waitWritable(until: .never)
                guard outcome == .ready else { throw UnexpectedWait(outcome: outcome) }
            }
        }
    }
}
