public import JaegerTracing

/// A span that a test expects, with its children; compared by `mismatch(with:)` of the recorded spans.
///
/// ```swift
/// #expect(
///     reporter.spans.mismatch(with: [
///         ExpectedSpan("POST /orders", tags: ["http.status_code": 201], children: [
///             ExpectedSpan("insert", tags: ["db.system": "postgresql"])
///         ])
///     ]) == nil)
/// ```
public struct ExpectedSpan: Sendable {
    /// The name of the operation.
    public var name: String
    /// The name of the service; nil for any.
    public var service: String?
    /// The tags that the span must have, by their keys; others are ignored.
    public var tags: [String: TagValue]
    /// The keys of tags that the span must not have.
    public var absentTags: Set<String>
    /// The children, in any order.
    public var children: [ExpectedSpan]
    /// Whether the span may have other children in addition.
    public var allowsOtherChildren: Bool

    /// Creates an expected span.
    ///
    /// - Parameters:
    ///   - name: The name of the operation.
    ///   - service: The name of the service; nil for any.
    ///   - tags: The tags that the span must have.
    ///   - absentTags: The keys of tags that the span must not have, such as `error`.
    ///   - children: The children, in any order.
    ///   - allowsOtherChildren: Whether the span may have other children in addition.
    public init(
        _ name: String, service: String? = nil, tags: [String: TagValue] = [:],
        absentTags: Set<String> = [], children: [ExpectedSpan] = [],
        allowsOtherChildren: Bool = false
    ) {
        self.name = name
        self.service = service
        self.tags = tags
        self.absentTags = absentTags
        self.children = children
        self.allowsOtherChildren = allowsOtherChildren
    }
}

extension ExpectedSpan: CustomStringConvertible {
    /// The span and its children, one line each.
    public var description: String { lines(indent: "").joined(separator: "\n") }

    /// Returns a line for the span and for each of those below it.
    func lines(indent: String) -> [String] {
        var line = indent + name
        if let service { line += " (\(service))" }
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value.text)" }
        for key in absentTags.sorted() { line += " without \(key)" }
        let below = indent + "  "
        return [line] + children.flatMap { $0.lines(indent: below) }
            + (allowsOtherChildren ? [below + "…"] : [])
    }
}
