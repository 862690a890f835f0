public import JaegerTracing

/// Recorded spans as trees: each below its parent, as far as that was recorded, by the time of their starts.
struct SpanTree {
    /// A span and those below it.
    struct Node {
        let span: FinishedSpan
        let children: [Node]
    }

    /// The spans without a recorded parent.
    let roots: [Node]

    init(_ spans: some Sequence<FinishedSpan>) {
        // Stable for equal times, so that the description of a failed test is reproducible.
        let spans = spans.enumerated().sorted {
            ($0.element.startNanosecondsSinceEpoch, $0.offset)
                < ($1.element.startNanosecondsSinceEpoch, $1.offset)
        }.map(\.element)
        var builder = Builder(spans)
        roots = builder.build()
    }

    /// A span's identity; unique, except where a client and a server share a span (Zipkin's style).
    private struct Key: Hashable {
        let traceID: TraceID
        let spanID: SpanID
    }

    private struct Builder {
        let spans: [FinishedSpan]
        private var children: [Key: [Int]] = [:]
        private var isPlaced: [Bool]

        init(_ spans: [FinishedSpan]) {
            self.spans = spans
            isPlaced = Array(repeating: false, count: spans.count)
            for (index, span) in spans.enumerated() {
                guard let parentID = span.parentID else { continue }
                children[Key(traceID: span.traceID, spanID: parentID), default: []].append(index)
            }
        }

        mutating func build() -> [Node] {
            let recorded = Set(spans.map { Key(traceID: $0.traceID, spanID: $0.spanID) })
            var roots: [Node] = []
            for (index, span) in spans.enumerated() {
                let isBelow = span.parentID.map {
                    recorded.contains(Key(traceID: span.traceID, spanID: $0))
                }
                if isBelow != true { roots.append(node(index)) }
            }
            // Spans that are each other's ancestors have no root.
            for index in spans.indices where !isPlaced[index] { roots.append(node(index)) }
            return roots
        }

        private mutating func node(_ index: Int) -> Node {
            isPlaced[index] = true
            let span = spans[index]
            var below: [Node] = []
            for child in children[Key(traceID: span.traceID, spanID: span.spanID)] ?? []
            where !isPlaced[child] {
                below.append(node(child))
            }
            return Node(span: span, children: below)
        }
    }
}

// MARK: Waterfall

extension Sequence<FinishedSpan> {
    /// The spans as text: one line each, below its parent, with a bar for its time, the offset from the start of its
    /// trace, its duration and its tags.
    public var waterfall: String {
        let traces = SpanTree(self).roots.reduce(into: [[SpanTree.Node]]()) { traces, root in
            if let index = traces.firstIndex(where: { $0[0].span.traceID == root.span.traceID }) {
                traces[index].append(root)
            } else {
                traces.append([root])
            }
        }
        guard !traces.isEmpty else { return "no spans" }
        return traces.map { Waterfall($0).text }.joined(separator: "\n")
    }
}

/// The text of one trace.
private struct Waterfall {
    private struct Row {
        let span: FinishedSpan
        let title: String
    }

    private static let barWidth = 24

    private var rows: [Row] = []
    private let start: UInt64
    private let end: UInt64

    init(_ roots: [SpanTree.Node]) {
        var rows: [Row] = []
        func add(_ node: SpanTree.Node, indent: String) {
            rows.append(
                Row(
                    span: node.span,
                    title: "\(indent)\(node.span.operationName) (\(node.span.process.serviceName))")
            )
            for child in node.children { add(child, indent: indent + "  ") }
        }
        for root in roots { add(root, indent: "  ") }
        self.rows = rows
        start = rows.map(\.span.startNanosecondsSinceEpoch).min() ?? 0
        end = rows.map(\.span.end).max() ?? 0
    }

    var text: String {
        let trace = rows[0].span.traceID
        let width = rows.map(\.title.count).max() ?? 0
        let offsets = rows.map { Self.milliseconds($0.span.startNanosecondsSinceEpoch - start) }
        let offsetWidth = offsets.map(\.count).max() ?? 0
        let durations = rows.map { Self.milliseconds($0.span.durationNanoseconds) }
        let durationWidth = durations.map(\.count).max() ?? 0
        var lines = ["trace \(trace), \(rows.count) spans, \(Self.milliseconds(end - start)) ms"]
        for (index, row) in rows.enumerated() {
            var line = row.title + Self.blanks(width - row.title.count)
            line += " |\(bar(row.span))|"
            line += " +" + Self.blanks(offsetWidth - offsets[index].count) + offsets[index]
            line += " " + Self.blanks(durationWidth - durations[index].count) + durations[index]
            line += " ms"
            for tag in row.span.tags { line += " \(tag.key)=\(tag.value.text)" }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    /// Returns the bar of a span, at least one character.
    private func bar(_ span: FinishedSpan) -> String {
        let total = Double(max(1, end - start))
        let first = Double(span.startNanosecondsSinceEpoch - start) / total * Double(Self.barWidth)
        let length = Double(span.durationNanoseconds) / total * Double(Self.barWidth)
        let before = min(Self.barWidth - 1, Int(first))
        let filled = min(Self.barWidth - before, max(1, Int(length.rounded())))
        return Self.blanks(before) + String(repeating: "=", count: filled)
            + Self.blanks(Self.barWidth - before - filled)
    }

    private static func blanks(_ count: Int) -> String {
        String(repeating: " ", count: max(0, count))
    }

    /// Returns a number of nanoseconds in milliseconds with three digits after the point.
    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds / 1000 % 1000)
        return "\(nanoseconds / 1_000_000)." + String(repeating: "0", count: 3 - fraction.count)
            + fraction
    }
}

extension FinishedSpan {
    /// The end of the span, in nanoseconds since the Unix epoch.
    fileprivate var end: UInt64 {
        startNanosecondsSinceEpoch.addingReportingOverflow(durationNanoseconds).partialValue
    }
}
