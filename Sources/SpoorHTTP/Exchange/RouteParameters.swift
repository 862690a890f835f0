/// What a route's placeholders stand for in one request.
public struct RouteParameters: Sendable {
    private let names: [String]
    private let ranges: [Range<Int>]
    private let bytes: [UInt8]

    package init(names: [String], ranges: [Range<Int>], bytes: [UInt8]) {
        self.names = names
        self.ranges = ranges
        self.bytes = bytes
    }

    /// The path segment in place of `{name}`, percent-decoded once (RFC 3986 §2.4); nil if the route has
    /// no such placeholder.
    ///
    /// What is not UTF-8 is repaired; ``bytes(_:)`` has the bytes as they are.
    public subscript(name: String) -> String? {
        place(of: name).map { percentDecoded(bytes[$0]) }
    }

    /// The bytes of the path segment in place of `{name}`, percent-decoded once; nil if the route has no such
    /// placeholder.
    public func bytes(_ name: String) -> [UInt8]? {
        place(of: name).map { percentDecodedBytes(bytes[$0]) }
    }

    private func place(of name: String) -> Range<Int>? {
        guard let index = names.firstIndex(of: name), index < ranges.count else { return nil }
        return ranges[index]
    }
}
