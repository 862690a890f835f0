import HTTPTypes
import SpoorHTTP

/// A hash of everything that was added, in order; equal results have equal digests.
struct Digest: Equatable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ number: some BinaryInteger) {
        state = (state ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01B3
        state ^= state >> 29
    }

    /// Adds content; the digest does not depend on how it is cut.
    mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(bytes[index]) }
    }

    mutating func add(_ range: Range<Int>?) {
        add(range?.lowerBound ?? -1)
        add(range?.upperBound ?? -1)
    }

    /// Adds names and values, each of which must be valid in a header.
    mutating func add(_ headers: Headers) {
        add(headers.count)
        headers.forEach { name, value in
            precondition(!name.isEmpty)
            for index in name.indices { precondition(0x20 < name[index] && name[index] < 0x7F) }
            for index in value.indices {
                precondition(value[index] >= 0x20 && value[index] != 0x7F || value[index] == 0x09)
            }
            add(name)
            add(value)
        }
    }

    mutating func add(_ request: borrowing Request) {
        for range in [
            request.methodRange, request.targetRange, request.pathRange, request.queryRange,
            request.authorityRange,
        ] { add(range) }
        add(request.knownMethod.map { Int($0.rawValue) } ?? -1)
        add(request.version == .http10 ? 0 : 1)
        switch request.targetForm {
        case .origin: add(0)
        case .absolute: add(1)
        case .authority: add(2)
        case .asterisk: add(3)
        }
        switch request.bodyLength {
        case .none: add(-1)
        case .unknown: add(-2)
        case .bytes(let count): add(count)
        }
        add(request.headers)
    }
}

/// Stops the process if an accepted head contains a bare CR, a bare LF or NUL.
func checkLines(_ head: Span<UInt8>) {
    for index in head.indices {
        switch head[index] {
        case 0: preconditionFailure("NUL was accepted")
        case 0x0A: precondition(index > 0 && head[index - 1] == 0x0D)
        case 0x0D: precondition(index + 1 < head.count && head[index + 1] == 0x0A)
        default: break
        }
    }
}

/// Stops the process if a header contains a line end, for example one of a folded line.
func checkHeaders(_ headers: Headers) {
    for field in headers {
        precondition(field.value.utf8.allSatisfy { $0 != 0 && $0 != 0x0A && $0 != 0x0D })
    }
}
