import SpoorHTTP
import SpoorText

/// Removes the chunked coding of a body, byte by byte according to its grammar (RFC 9112 §7.1).
///
/// Line ends are only CRLF, and extensions are validated and skipped: request smuggling exploits leniency here that
/// other parsers do not share (RFC 9112 §7.1.1, errata 7633). ``MessageKind`` lists the deviations that are accepted
/// in responses.
struct ChunkDecoder: Sendable {
    /// The next element of the grammar.
    private enum State {
        case sizeStart, size, sizeLineEnd
        case extensionBlank, extensionNameStart, extensionName, extensionNameBlank
        case extensionValueStart, extensionValue, extensionQuoted, extensionEscape
        case extensionQuotedEnd
        case data, dataEnd, dataLineEnd
        case trailers, end
    }

    private var state = State.sizeStart
    private var size: UInt64 = 0
    private var digits = 0
    private var remaining = 0
    private var extensionBytes = 0
    private var contentBytes = 0
    private var trailers = HeaderSectionScanner(at: 0)
    private let kind: MessageKind
    /// The entries of a trailer section that has not ended: not visible to the caller before its end.
    private var trailerEntries: [Headers.Entry] = []

    /// A size of more digits is rejected: sixteen hold 64 bits.
    static let maxSizeDigits = 16

    init(of kind: MessageKind) {
        self.kind = kind
    }

    /// Whether the last chunk and the trailer section were read.
    var isComplete: Bool { state == .end }

    /// Decodes the next bytes; see ``BodyDecoder/decode(_:trailers:)``.
    mutating func decode(
        _ input: Span<UInt8>, trailers: inout Headers, maxBytes: Int, limits: HTTP1Limits
    ) throws(BodyFault) -> BodyDecoder.Progress {
        var at = 0
        while true {
            switch state {
            case .data:
                let count = min(remaining, input.count &- at)
                guard count > 0 else { return .needMore(bytesConsumed: at) }
                remaining &-= count
                if remaining == 0 { state = .dataEnd }
                return .data(at..<at &+ count)
            case .trailers:
                let rest = input.extracting(at..<input.count)
                guard try decodeTrailers(rest, into: &trailers, limits: limits) else {
                    return .needMore(bytesConsumed: at)
                }
                state = .end
                return .end(bytesConsumed: at &+ self.trailers.position)
            case .end:
                return .end(bytesConsumed: at)
            default:
                guard at < input.count else { return .needMore(bytesConsumed: at) }
                try take(input[at], maxBytes: maxBytes, limits: limits)
                at &+= 1
            }
        }
    }

    /// Consumes one byte of chunk framing.
    @inline(__always)
    private mutating func take(
        _ byte: UInt8, maxBytes: Int, limits: HTTP1Limits
    ) throws(BodyFault) {
        switch state {
        case .sizeStart:
            guard let digit = byte.hexDigitValue else { throw .chunkSizeMalformed }
            size = UInt64(digit)
            digits = 1
            state = .size
        case .size:
            if let digit = byte.hexDigitValue {
                digits &+= 1
                guard digits <= Self.maxSizeDigits else { throw .chunkSizeMalformed }
                size = size &<< 4 | UInt64(digit)
            } else {
                try endSize(byte)
            }
        case .sizeLineEnd:
            guard byte == .lineFeed else { throw .chunkLineEndMalformed }
            try startData(maxBytes: maxBytes)
        case .dataEnd:
            guard byte == .carriageReturn else { throw .chunkDataEndMalformed }
            state = .dataLineEnd
        case .dataLineEnd:
            guard byte == .lineFeed else { throw .chunkDataEndMalformed }
            state = .sizeStart
        default:
            try takeExtension(byte)
            extensionBytes &+= 1
            let (allowed, overflow) = limits.maxChunkExtensionBytes.addingReportingOverflow(
                contentBytes)
            guard overflow || extensionBytes <= allowed else { throw .chunkExtensionsTooLarge }
        }
    }

    private mutating func endSize(_ byte: UInt8) throws(BodyFault) {
        switch byte {
        case .carriageReturn: state = .sizeLineEnd
        case .semicolon: state = .extensionNameStart
        case .space, .tab: state = .extensionBlank
        case .lineFeed: throw .chunkLineEndMalformed
        default: throw .chunkSizeMalformed
        }
    }

    private mutating func startData(maxBytes: Int) throws(BodyFault) {
        guard size > 0 else {
            state = .trailers
            trailers = HeaderSectionScanner(at: 0, of: kind)
            return
        }
        guard maxBytes >= contentBytes, size <= UInt64(maxBytes &- contentBytes) else {
            throw .tooLarge
        }
        remaining = Int(size)
        contentBytes &+= remaining
        state = .data
    }

    /// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112 §7.1.1).
    private mutating func takeExtension(_ byte: UInt8) throws(BodyFault) {
        let isBlank = byte.isBlank
        let isToken = ByteSet.token.contains(byte)
        switch (state, byte) {
        case (.extensionBlank, _) where isBlank,
            (.extensionNameStart, _) where isBlank,
            (.extensionNameBlank, _) where isBlank,
            (.extensionValueStart, _) where isBlank,
            (.extensionName, _) where isToken,
            (.extensionValue, _) where isToken:
            break
        case (.extensionNameStart, _) where isToken: state = .extensionName
        case (.extensionValueStart, _) where isToken: state = .extensionValue
        case (.extensionName, _) where isBlank: state = .extensionNameBlank
        case (.extensionValue, _) where isBlank, (.extensionQuotedEnd, _) where isBlank:
            state = .extensionBlank
        case (.extensionName, .equalsSign), (.extensionNameBlank, .equalsSign):
            state = .extensionValueStart
        case (.extensionValueStart, .quote): state = .extensionQuoted
        case (.extensionQuoted, .quote): state = .extensionQuotedEnd
        case (.extensionQuoted, .backslash): state = .extensionEscape
        case (.extensionQuoted, _) where isBlank || byte > .space && byte != .delete: break
        case (.extensionEscape, _) where isBlank || byte > .space && byte != .delete:
            state = .extensionQuoted
        case (.extensionName, .semicolon), (.extensionValue, .semicolon),
            (.extensionBlank, .semicolon),
            (.extensionNameBlank, .semicolon), (.extensionQuotedEnd, .semicolon):
            state = .extensionNameStart
        case (.extensionName, .carriageReturn), (.extensionValue, .carriageReturn),
            (.extensionQuotedEnd, .carriageReturn):
            state = .sizeLineEnd
        case (.extensionBlank, .carriageReturn) where kind == .response: state = .sizeLineEnd
        default: throw byte == .lineFeed ? .chunkLineEndMalformed : .chunkExtensionMalformed
        }
    }

    /// Parses the trailer section; returns false if the input ends before its end.
    private mutating func decodeTrailers(
        _ input: Span<UInt8>, into headers: inout Headers, limits: HTTP1Limits
    ) throws(BodyFault) -> Bool {
        let bound = min(input.count, limits.maxTrailerBytes)
        let progress = trailers.scan(
            input, bound: bound, origin: 0, maxCount: limits.maxHeaderCount, into: &trailerEntries,
            nameLengths: 0
        ) { _ in }
        switch progress {
        case .end:
            guard !trailerEntries.isEmpty else { return true }
            if trailers.hasFoldedLines {
                try takeUnfolded(input.extracting(0..<trailers.position), into: &headers, limits)
            } else {
                headers.entries = trailerEntries
                headers.bytes.replaceAll(copying: input.extracting(0..<trailers.position))
            }
            trailerEntries = []
            TrailerRules.dropForbidden(from: &headers)
            return true
        case .needMore:
            if bound == limits.maxTrailerBytes { throw .trailer(.tooLarge) }
            return false
        case .fault(let fault):
            throw .trailer(fault)
        }
    }

    /// Parses a complete trailer section again, after unfolding its folded lines.
    private func takeUnfolded(
        _ section: Span<UInt8>, into headers: inout Headers, _ limits: HTTP1Limits
    ) throws(BodyFault) {
        let unfolded = HeaderSectionScanner.unfolding(section)
        var scanner = HeaderSectionScanner(at: 0, of: kind)
        var entries: [Headers.Entry] = []
        let progress = scanner.scan(
            unfolded.span, bound: unfolded.count, origin: 0, maxCount: limits.maxHeaderCount,
            into: &entries, nameLengths: 0
        ) { _ in }
        guard progress == .end else { throw .trailer(.lineFolded) }
        headers.entries = entries
        headers.bytes = unfolded
    }
}
