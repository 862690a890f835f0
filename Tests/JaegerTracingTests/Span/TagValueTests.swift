import JaegerTracing
import Testing
import Tracing

@Suite struct TagValueTests {
    @Test(
        arguments: [
            (.array([]), "[]"), (.array([1, -2]), "[1,-2]"),
            (.array([1.5, .double(.nan)]), "[1.5,null]"),
            (.array([true, false]), "[true,false]"),
            (.array(["a\"b", "\\", "\n"]), #"["a\"b","\\","\n"]"#),
            (.array([.binary([0, 255]), .array([1])]), #"["00ff",[1]]"#),
        ] as [(TagValue, String)])
    func `an array is formatted as JSON`(value: TagValue, text: String) {
        #expect(value.text == text)
    }

    @Test(
        arguments: [
            .array([]), .array([1, 2]), .array(["a"]), .array([true]), .array([1.5]),
            .array([1, "a", true, 1.5]),
        ] as [TagValue])
    func `an array survives the conversion to an attribute and back`(value: TagValue) throws {
        let reporter = InMemoryReporter()
        let span = JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil)
        span.setTag("k", value)
        span.attributes["other"] = 1
        span.attributes["copy"] = span.attributes.get("k")
        span.end()
        #expect(reporter.spans.first?[tag: "k"] == value)
        #expect(reporter.spans.first?[tag: "copy"] == value)
    }

    @Test func `values that attributes cannot express are kept`() throws {
        let reporter = InMemoryReporter()
        let span = JaegerTracer.stub(reporter: reporter).startSpan("op", childOf: nil)
        let values: [TagValue] = [.binary([1]), .array([.binary([1])]), .array([.array([])])]
        for (index, value) in values.enumerated() { span.setTag("k\(index)", value) }
        span.attributes["other"] = 1
        span.end()
        let finished = try #require(reporter.spans.first)
        #expect((0..<3).map { finished[tag: "k\($0)"] } == values)
    }

    @Test(
        arguments: [
            (.array(["ab", "cd", "e"]), .array(["ab", "cd"])),
            (.array([1, 2, 3, 4, 5]), .array([1, 2, 3, 4])),
            (.array(["abcde"]), .array(["abcd"])),
            (.array(["", "", "", "", ""]), .array(["", "", "", ""])),
        ] as [(TagValue, TagValue)])
    func `an array that is too long keeps its first elements`(value: TagValue, cut: TagValue) {
        let reporter = InMemoryReporter()
        let span = JaegerTracer.stub(reporter: reporter, limits: SpanLimits(maxTagValueBytes: 4))
            .startSpan("op", childOf: nil)
        span.setTag("k", value)
        span.end()
        #expect(reporter.spans.first?[tag: "k"] == cut)
    }
}
