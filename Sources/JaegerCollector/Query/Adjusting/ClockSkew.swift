import JaegerTracing
import SpoorText

/// Detects spans that are outside of their parents on another host, and moves them together with their descendants on
/// that host.
///
/// A span that fits into its parent is centred in it, as if request and response took the same time; a longer one
/// starts no earlier than its parent. Spans whose parent is missing, and duplicate span ids, get a warning. The texts
/// of the warnings are Jaeger's.
enum ClockSkew {
    /// Corrects times in place.
    ///
    /// - Parameter maxNanoseconds: The maximum correction; if more is needed, the span is not moved and gets a warning.
    ///   With 0 nothing is corrected.
    static func correct(_ spans: inout [AdjustedSpan], maxNanoseconds: UInt64) {
        let tree = SpanTree(&spans)
        let hosts = Hosts(spans)
        // Parents before children, with an explicit stack: a trace may be as deep as its number of spans.
        var open = tree.roots.map { (index: $0, delta: Int128(0)) }
        while let (index, inherited) = open.popLast() {
            var delta = inherited
            if let parent = tree.parents[index], hosts.differ(index, parent) {
                delta = skew(of: spans[index].span, within: spans[parent].span)
            }
            adjust(&spans[index], by: delta, maxNanoseconds)
            for child in tree.children(of: index) { open.append((child, delta)) }
        }
    }

    private static func skew(of child: FinishedSpan, within parent: FinishedSpan) -> Int128 {
        let childStart = Int128(child.startNanosecondsSinceEpoch)
        let parentStart = Int128(parent.startNanosecondsSinceEpoch)
        let childDuration = Int128(child.durationNanoseconds)
        let parentDuration = Int128(parent.durationNanoseconds)
        if childDuration > parentDuration { return max(0, parentStart - childStart) }
        guard childStart < parentStart || childStart + childDuration > parentStart + parentDuration
        else { return 0 }
        return parentStart + (parentDuration - childDuration) / 2 - childStart
    }

    private static func adjust(
        _ adjusted: inout AdjustedSpan, by delta: Int128, _ maxNanoseconds: UInt64
    ) {
        guard delta != 0 else { return }
        guard maxNanoseconds > 0 else {
            adjusted.warnings.append(
                "clock skew adjustment disabled; "
                    + "not applying calculated delta of \(GoDuration.text(delta))")
            return
        }
        guard delta.magnitude <= UInt128(maxNanoseconds) else {
            adjusted.warnings.append(
                "max clock skew adjustment delta of \(GoDuration.text(Int128(maxNanoseconds))) "
                    + "exceeded; not applying calculated delta of \(GoDuration.text(delta))")
            return
        }
        adjusted.span.startNanosecondsSinceEpoch = UInt64(
            clamping: Int128(adjusted.span.startNanosecondsSinceEpoch) + delta)
        for index in adjusted.span.logs.indices {
            adjusted.span.logs[index].nanosecondsSinceEpoch = UInt64(
                clamping: Int128(adjusted.span.logs[index].nanosecondsSinceEpoch) + delta)
        }
        adjusted.warnings.append(
            "This span's timestamps were adjusted by \(GoDuration.text(delta))")
    }
}

/// The children of each span, by index; invalid ids become warnings.
private struct SpanTree {
    private(set) var roots: [Int] = []
    private(set) var parents: [Int: Int] = [:]
    /// The first child of a span, and the next child of the same parent; -1 if there is none.
    private var firstChildren: [Int]
    private var nextSiblings: [Int]

    init(_ spans: inout [AdjustedSpan]) {
        firstChildren = Array(repeating: -1, count: spans.count)
        nextSiblings = Array(repeating: -1, count: spans.count)
        var indices: [SpanID: Int] = [:]
        indices.reserveCapacity(spans.count)
        for index in spans.indices {
            let id = spans[index].span.spanID
            if indices[id] == nil {
                indices[id] = index
            } else {
                spans[index].warnings.append(
                    "duplicate span IDs; skipping clock skew adjustment")
            }
        }
        for index in spans.indices where indices[spans[index].span.spanID] == index {
            guard let cause = spans[index].span.causeID else {
                roots.append(index)
                continue
            }
            guard let parent = indices[cause] else {
                spans[index].warnings.append(
                    "parent span ID=\(cause) is not in the trace; skipping clock skew adjustment")
                roots.append(index)
                continue
            }
            parents[index] = parent
            nextSiblings[index] = firstChildren[parent]
            firstChildren[parent] = index
        }
    }

    func children(of index: Int) -> some Sequence<Int> {
        sequence(state: firstChildren[index]) { next in
            guard next >= 0 else { return nil }
            defer { next = nextSiblings[next] }
            return next
        }
    }
}

/// The hosts of the spans, as far as their processes contain them.
private struct Hosts {
    private let keys: [ExactText?]

    init(_ spans: [AdjustedSpan]) {
        var known: [ObjectIdentifier: ExactText?] = [:]
        keys = spans.map { adjusted in
            let process = adjusted.span.process
            let id = ObjectIdentifier(process)
            if let key = known[id] { return key }
            let key = Self.key(of: process)
            known[id] = .some(key)
            return key
        }
    }

    /// The tag names of OpenTelemetry and of Jaeger's clients.
    private static let names = ["host.id", "host.ip", "ip", "host.name", "hostname"]

    private static func key(of process: TracedProcess) -> ExactText? {
        for name in names {
            guard let value = process.tags.first(where: { $0.key == name })?.value else { continue }
            if case .array(let values) = value, let first = values.first {
                return ExactText(first.text)
            }
            return ExactText(value.text)
        }
        return nil
    }

    /// Returns whether the clocks of two spans may differ; also true if a process does not contain its host.
    func differ(_ one: Int, _ other: Int) -> Bool {
        guard let key = keys[one], let otherKey = keys[other] else { return true }
        return key != otherKey
    }
}
