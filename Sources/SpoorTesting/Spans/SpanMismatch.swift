public import JaegerTracing

/// The difference between recorded spans and those that a test expects.
///
/// Its description has each difference, the expected tree, and the recorded spans as a waterfall.
public struct SpanMismatch: Error, Equatable, CustomStringConvertible {
    /// The differences, one sentence each.
    public let differences: [String]
    /// The expected spans as text.
    public let expected: String
    /// The recorded spans as text, with bars, offsets, durations and tags.
    public let waterfall: String

    /// The differences, the expected spans, and the recorded spans.
    public var description: String {
        differences.map { "\n\($0)" }.joined() + "\nexpected:\n\(expected)\nrecorded:\n\(waterfall)"
    }
}

extension SpanMismatch: CustomDebugStringConvertible {
    /// The same as the description, because a failed expectation shows an optional value by it.
    public var debugDescription: String { description }
}

extension Sequence<FinishedSpan> {
    /// Returns the difference between these spans and expected ones; nil if there is none.
    ///
    /// ```swift
    /// #expect(reporter.spans.mismatch(with: [ExpectedSpan("GET /hello/{name}")]) == nil)
    /// ```
    ///
    /// All spans without a recorded parent must be expected, and all children of each expected span, unless it allows
    /// others. The order does not matter. Compare after the server has stopped, when all of its spans have ended.
    public func mismatch(with expected: [ExpectedSpan]) -> SpanMismatch? {
        let differences = SpanComparison.differences(
            of: SpanTree(self).roots, expected, allowsOthers: false, place: "")
        guard !differences.isEmpty else { return nil }
        return SpanMismatch(
            differences: differences,
            expected: expected.isEmpty
                ? "  no spans"
                : expected.flatMap { $0.lines(indent: "  ") }.joined(separator: "\n"),
            waterfall: waterfall)
    }
}

/// Compares trees of spans.
private enum SpanComparison {
    /// Returns the differences of siblings: of those that cannot be assigned to each other, those with the same name are
    /// compared in detail.
    static func differences(
        of nodes: [SpanTree.Node], _ expected: [ExpectedSpan], allowsOthers: Bool, place: String
    ) -> [String] {
        let assigned = assignment(of: nodes, expected)
        var others = nodes.indices.filter { !assigned.contains($0) }
        var differences: [String] = []
        for (span, index) in zip(expected, assigned) where index == nil {
            if let similar = others.firstIndex(where: {
                nodes[$0].span.operationName == span.name
            }) {
                let node = nodes[others.remove(at: similar)]
                differences += self.differences(of: node, span, place: place)
            } else {
                differences.append("no span “\(span.name)”\(place)")
            }
        }
        guard !allowsOthers else { return differences }
        return differences
            + others.map { "unexpected span “\(nodes[$0].span.operationName)”\(place)" }
    }

    /// Returns the differences of a span and those below it from an expected one of its name.
    private static func differences(
        of node: SpanTree.Node, _ expected: ExpectedSpan, place: String
    ) -> [String] {
        let title = "“\(expected.name)”\(place)"
        return ownDifferences(of: node.span, expected).map { "\(title): \($0)" }
            + differences(
                of: node.children, expected.children, allowsOthers: expected.allowsOtherChildren,
                place: " below “\(expected.name)”")
    }

    private static func ownDifferences(
        of span: FinishedSpan, _ expected: ExpectedSpan
    ) -> [String] {
        var differences: [String] = []
        if let service = expected.service, service != span.process.serviceName {
            differences.append("the service is \(span.process.serviceName), not \(service)")
        }
        for (key, value) in expected.tags.sorted(by: { $0.key < $1.key }) {
            let values = span.tags.filter { $0.key == key }.map(\.value)
            if values.isEmpty {
                differences.append("there is no tag \(key)")
            } else if !values.contains(value) {
                differences.append("the tag \(key) is \(values[0]), not \(value)")
            }
        }
        for key in expected.absentTags.sorted() where span.tags.contains(where: { $0.key == key }) {
            differences.append("there is a tag \(key)")
        }
        return differences
    }

    private static func matches(_ node: SpanTree.Node, _ expected: ExpectedSpan) -> Bool {
        guard node.span.operationName == expected.name,
            ownDifferences(of: node.span, expected).isEmpty,
            expected.allowsOtherChildren || node.children.count == expected.children.count
        else { return false }
        return !assignment(of: node.children, expected.children).contains(nil)
    }

    /// Assigns a different node to each expected span, to as many as possible (Kuhn's algorithm); nil to the others.
    private static func assignment(
        of nodes: [SpanTree.Node], _ expected: [ExpectedSpan]
    ) -> [Int?] {
        let candidates = expected.map { span in nodes.indices.filter { matches(nodes[$0], span) } }
        var owners: [Int?] = Array(repeating: nil, count: nodes.count)
        func assign(_ span: Int, _ visited: inout Set<Int>) -> Bool {
            for node in candidates[span] where visited.insert(node).inserted {
                guard let owner = owners[node] else {
                    owners[node] = span
                    return true
                }
                if assign(owner, &visited) {
                    owners[node] = span
                    return true
                }
            }
            return false
        }
        for span in expected.indices {
            var visited: Set<Int> = []
            _ = assign(span, &visited)
        }
        return expected.indices.map { owners.firstIndex(of: $0) }
    }
}
