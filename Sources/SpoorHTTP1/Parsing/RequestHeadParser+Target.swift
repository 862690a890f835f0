import SpoorHTTP
import SpoorText

/// The target: its form and the positions of its parts (RFC 9112 §3.2).
extension RequestHeadParser {
    /// Determines the form of the target (RFC 9112 §3.2).
    @inline(__always)
    mutating func decideTarget(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) {
        let start = methodEnd &+ 1
        request.methodRange = 0..<methodEnd &- lineStart
        request.targetRange = start &- lineStart..<targetEnd &- lineStart
        request.queryRange = queryMark.map { $0 &+ 1 &- lineStart..<targetEnd &- lineStart }
        let pathEnd = queryMark ?? targetEnd
        if input[start] == .slash {
            request.targetForm = .origin
            request.authorityRange = nil
            request.pathRange = start &- lineStart..<pathEnd &- lineStart
            if case .connect = request.knownMethod { throw .targetFormInvalid }
        } else {
            try decideRareTarget(input, pathEnd: pathEnd, into: &request)
        }
    }

    private mutating func decideRareTarget(
        _ input: Span<UInt8>, pathEnd: Int, into request: inout Request
    ) throws(RequestFault) {
        let start = methodEnd &+ 1
        request.pathRange = 0..<0
        if case .connect = request.knownMethod {
            guard AuthorityGrammar.isValid(input, start..<targetEnd, port: .required) else {
                throw .targetFormInvalid
            }
            request.targetForm = .authority
            request.authorityRange = request.targetRange
            return
        }
        if input[start] == .asterisk, targetEnd == start &+ 1 {
            guard case .options = request.knownMethod else { throw .targetFormInvalid }
            request.targetForm = .asterisk
            request.authorityRange = nil
            return
        }
        let authorityStart = try Self.authorityStart(input, start..<targetEnd)
        var authorityEnd = authorityStart
        while authorityEnd < pathEnd, input[authorityEnd] != .slash { authorityEnd &+= 1 }
        guard AuthorityGrammar.isValid(input, authorityStart..<authorityEnd) else {
            throw .targetFormInvalid
        }
        request.targetForm = .absolute
        request.authorityRange = authorityStart &- lineStart..<authorityEnd &- lineStart
        // RFC 9110 §4.2.3: an empty path is equivalent to `/`, and the second slash before the authority is one.
        let isEmpty = authorityEnd == pathEnd
        let pathStart = isEmpty ? authorityStart &- 1 : authorityEnd
        request.pathRange =
            pathStart &- lineStart..<(isEmpty ? authorityStart : pathEnd) &- lineStart
    }

    /// Returns the start of the authority of an absolute target: after `http://` or `https://`.
    private static func authorityStart(
        _ input: Span<UInt8>, _ target: Range<Int>
    ) throws(RequestFault) -> Int {
        let start = target.lowerBound
        if target.count > 7, input.isToken("http", at: start), input[start &+ 4] == .colon,
            input[start &+ 5] == .slash, input[start &+ 6] == .slash
        {
            return start &+ 7
        }
        if target.count > 8, input.isToken("https", at: start), input[start &+ 5] == .colon,
            input[start &+ 6] == .slash, input[start &+ 7] == .slash
        {
            return start &+ 8
        }
        throw .targetFormInvalid
    }
}
