@testable import JaegerContext
import TestSupport
import Testing

@Suite struct TraceStateTests {
    @Test(arguments: [
        ("foo=1", "foo=1"), ("foo=1,bar=2", "foo=1,bar=2"),
        ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"),
        (" foo=1", "foo=1"), ("\tfoo=1\t ", "foo=1"), (",foo=1,,bar=2, ,", "foo=1,bar=2"),
        ("foo@=1,bar=2", "foo@=1,bar=2"), ("foo@@bar=1", "foo@@bar=1"),
        ("foo@bar@baz=1", "foo@bar@baz=1"), ("0_-*/@z=1", "0_-*/@z=1"),
        ("foo=1,foo=1", "foo=1"), ("foo=1,bar=2,foo=3", "foo=1,bar=2"),
        ("foo= 1", "foo= 1"), ("a=b c;d:e\"~", "a=b c;d:e\"~"),
    ])
    func `parses what the grammar allows, and keeps the order`(text: String, canonical: String) {
        #expect(TraceState(text)?.description == canonical)
    }

    @Test(arguments: [
        "", " ", ",", ", ,", "foo", "foo=", "=1", "foo =1", "FOO=1", "foo.bar=1", "@foo=1,bar=2",
        "_foo=1", "-a=1", "foo=bar=baz", "foo=,bar=3", "bar=3,foo=", "foo=é", "é=1",
        "foo=1\u{0}", "foo=a\tb", "foo=\u{7f}",
    ])
    func `rejects everything else`(text: String) {
        #expect(TraceState(text) == nil)
    }

    @Test func `accepts keys and values of 256 bytes, but not longer ones`() {
        let key = String(repeating: "z", count: 256)
        let value = String(repeating: "~", count: 256)
        #expect(TraceState("\(key)=\(value)")?[key] == value)
        #expect(TraceState("foo=1,\(key)z=1") == nil)
        #expect(TraceState("foo=1,a=\(value)~") == nil)
        let tenant = String(repeating: "t", count: 242) + "@v"
        #expect(TraceState("foo=1,\(tenant)=1")?[tenant] == "1")
    }

    @Test func `accepts every byte that is allowed in values`() {
        let bytes = (UInt8(0x20)...0x7e).filter {
            $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=")
        }
        let value = String(decoding: bytes, as: UTF8.self)
        #expect(TraceState("k=" + value)?["k"] == value)
    }

    @Test func `accepts 32 members but not 33`() {
        let members = (1...33).map { "bar\($0)=\($0)" }
        #expect(TraceState(members.prefix(32).joined(separator: ","))?.members.count == 32)
        #expect(TraceState(members.joined(separator: ",")) == nil)
    }

    @Test(arguments: [0, -1, -2, .min])
    func `a limit of zero drops all members`(maxByteCount: Int) {
        #expect(TraceState(bytes: "a=1,b=2".utf8.span, maxByteCount: maxByteCount) == nil)
    }

    @Test func `members are found, and changed members move to the front`() throws {
        let state = try #require(TraceState("a=1,b=2,c=3"))
        #expect(state.members.map(\.key) == ["a", "b", "c"])
        #expect(state["b"] == "2")
        #expect(state["d"] == nil)
        #expect(state.setting("b", to: "9")?.description == "b=9,a=1,c=3")
        #expect(state.setting("d", to: "4")?.description == "d=4,a=1,b=2,c=3")
        #expect(state.setting("B", to: "4") == nil)
        #expect(state.setting("d", to: "4,e=5") == nil)
        #expect(state.setting("d=4,e", to: "5") == nil)
        #expect(state.removing("a")?.description == "b=2,c=3")
        #expect(TraceState("a=1")?.removing("a") == nil)
        let full = try #require(
            TraceState((1...32).map { "k\($0)=v" }.joined(separator: ",")))
        #expect(full.setting("new", to: "v")?.members.count == 32)
        #expect(full.setting("new", to: "v")?["k32"] == nil)
    }

    @Test func `a state that is too long loses the longest members first, then the last`() {
        let long = "long=" + String(repeating: "x", count: 130)
        let text = "a=1,\(long),b=2,c=3"
        func cut(_ byteCount: Int) -> String? {
            TraceState(bytes: text.utf8.span, maxByteCount: byteCount)?.description
        }
        #expect(cut(text.utf8.count) == text)
        #expect(cut(text.utf8.count - 1) == "a=1,b=2,c=3")
        #expect(cut(10) == "a=1,b=2")
        #expect(cut(3) == "a=1")
        #expect(cut(2) == nil)
    }

    @Test func `any bytes are either parsed or rejected, and parsed states can be parsed again`() {
        var random = SeededGenerator(seed: 5)
        let alphabet = Array("abz09_-*/@==,, \tA.".utf8)
        for round in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                bytes.append(
                    round % 2 == 0
                        ? alphabet.randomElement(using: &random) ?? 0
                        : UInt8.random(in: 0...255, using: &random))
            }
            let limit = Int.random(in: 0...40, using: &random)
            guard let state = TraceState(bytes: bytes.span, maxByteCount: limit) else { continue }
            #expect(state.description.utf8.count <= limit)
            #expect(TraceState(state.description) == state)
            #expect(!state.members.isEmpty)
        }
    }
}
