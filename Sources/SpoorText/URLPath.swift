/// The path of a URL, built from segments that are percent-encoded one by one.
///
/// ```swift
/// URLPath("catalog", "7?admin=1").description  // /catalog/7%3Fadmin%3D1
/// ```
///
/// Whatever a segment has in it, the path has as many segments as were given. Give it to
/// ``HTTPClientRequest/init(_:_:path:query:fields:body:timeout:)`` to send a request, or use its description as a `Location`.
public struct URLPath: Sendable, Hashable {
    /// The encoded segments, each after its slash; empty for none.
    private var encoded = ""

    /// Makes a path of decoded segments; without any it is `/`, and an empty one at the end makes a trailing slash.
    public init(_ segments: String...) {
        self.init(segments: segments)
    }

    /// Makes a path of decoded segments; without any it is `/`.
    public init(segments: some Sequence<String>) {
        for segment in segments { append(segment) }
    }

    /// Adds a segment after the others, encoded as ``PercentEncoding/pathSegment``.
    public mutating func append(_ segment: String) {
        encoded += "/" + PercentEncoding.pathSegment.encode(segment)
    }

    /// Adds a segment of any bytes after the others, such as a file's name that is not UTF-8.
    public mutating func append(bytes segment: [UInt8]) {
        encoded += "/" + PercentEncoding.pathSegment.encode(segment)
    }

    /// The path with one more segment.
    public func appending(_ segment: String) -> URLPath {
        var path = self
        path.append(segment)
        return path
    }
}

extension URLPath: CustomStringConvertible {
    /// The path as it stands in a URL.
    public var description: String { encoded.isEmpty ? "/" : encoded }
}
