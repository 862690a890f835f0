import SpoorText

/// The parts of a request that a middleware may change for those further in: see ``Exchange/replaceRequest(with:)``.
extension Request {
    /// The path of the target, percent-encoded as received; `*` for the asterisk form.
    ///
    /// A new path is used as it is, except that a missing slash at its start is added, and that every byte that cannot
    /// be part of a path (RFC 3986 §3.3), such as a space, a `?`, or a `%` that begins no valid triplet, is
    /// percent-encoded. The query is kept. Build a path from decoded segments with `URLPath`.
    public var path: String {
        get { targetForm == .asterisk ? "*" : pathRange.isEmpty ? "/" : head.text(pathRange) }
        set { setTarget(path: newValue, query: query) }
    }

    /// The query of the target as received, without the `?`; nil if there is none.
    ///
    /// In a new query every byte that cannot be part of one (RFC 3986 §3.4) is percent-encoded. The path is kept.
    public var query: String? {
        get { queryRange.map(head.text) }
        set { setTarget(path: path, query: newValue) }
    }

    /// The headers.
    public var headers: Headers {
        @inlinable _read { yield head }
        set { setHeaders(newValue) }
    }

    /// Replaces the target by one in origin form; the authority of a target in absolute form is kept.
    ///
    /// The new target is appended to the head, so that positions in it stay valid.
    private mutating func setTarget(path: String, query: String?) {
        let start = head.bytes.count
        if path.utf8.first != .slash { head.bytes.append(.slash) }
        head.bytes += Self.encodedPath(path.utf8)
        pathRange = start..<head.bytes.count
        queryRange = nil
        if let query {
            head.bytes.append(.questionMark)
            let queryStart = head.bytes.count
            head.bytes += Self.encodedQuery(query.utf8)
            queryRange = queryStart..<head.bytes.count
        }
        targetRange = start..<head.bytes.count
        targetForm = .origin
    }

    /// Returns a path in which every byte that cannot be part of one is percent-encoded.
    static func encodedPath(_ path: some Collection<UInt8>) -> [UInt8] {
        encoded(path, isLiteral: \.isPathByte)
    }

    /// Returns a query in which every byte that cannot be part of one is percent-encoded.
    static func encodedQuery(_ query: some Collection<UInt8>) -> [UInt8] {
        encoded(query) { $0.isPathByte || $0 == .questionMark }
    }

    /// Triplets are kept, so that nothing is encoded twice.
    private static func encoded(
        _ bytes: some Collection<UInt8>, isLiteral: (UInt8) -> Bool
    ) -> [UInt8] {
        var text: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if isLiteral(byte) || byte == .percent && PercentEncoding.hexPair(rest) != nil {
                text.append(byte)
            } else {
                PercentEncoding.append(encoded: byte, to: &text)
            }
        }
        return text
    }

    /// Replaces the headers, and keeps the positions in the head.
    private mutating func setHeaders(_ headers: Headers) {
        // Those of a changed copy contain the head already.
        if headers.bytes.starts(with: head.bytes) {
            head = headers
            return
        }
        let old = head.bytes.count
        head.bytes += headers.bytes
        head.rejectedName = headers.rejectedName
        head.entries = headers.entries.map { entry in
            Headers.Entry(
                nameStart: old + entry.name.lowerBound, nameCount: entry.name.count,
                valueStart: old + entry.value.lowerBound, valueCount: entry.value.count)
        }
    }
}

extension UInt8 {
    /// RFC 3986 §3.3: `pchar` and the slash.
    fileprivate var isPathByte: Bool {
        isUnreserved || "/!$&'()*+,;=:@".utf8.contains(self)
    }
}
