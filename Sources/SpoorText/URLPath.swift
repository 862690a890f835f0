/// The path of a URL, built from segments that are percent-encoded separately.
///
/// ```swift
/// URLPath("catalog", "7?admin=1").description  // /catalog/7%3Fadmin%3D1
/// ```
///
/// Whatever a segment contains, the path has exactly as many segments as were appended. Pass it to
/// ``HTTPClientRequest/init(_:_:path:query:headers:body:timeout:)`` to send a request, or use its description as a
/// `Location`.
public struct URLPath: Sendable, Hashable {
    /// The encoded segments, each after its slash; empty without segments.
    private var encoded = ""

    /// Creates a path from decoded segments; without segments it is `/`, and an empty last segment makes a trailing
    /// slash.
    public init(_ segments: String...) {
        self.init(segments: segments)
    }

    /// Creates a path from decoded segments; without segments it is `/`.
    public init(segments: some Sequence<String>) {
        for segment in segments { append(segment) }
    }

    /// Appends a segment, encoded as ``PercentEncoding/pathSegment``.
    public mutating func append(_ segment: String) {
        encoded += "/" + PercentEncoding.pathSegment.encode(segment)
    }

    /// Appends a segment of arbitrary bytes, such as a file name that is not UTF-8.
    public mutating func append(bytes segment: [UInt8]) {
        encoded += "/" + PercentEncoding.pathSegment.encode(segment)
    }

    /// Returns the path with one more segment.
    public func appending(_ segment: String) -> URLPath {
        var path = self
        path.append(segment)
        return path
    }
}

extension URLPath: CustomStringConvertible {
    /// The path in its encoded form.
    public var description: String { encoded.isEmpty ? "/" : encoded }
}
