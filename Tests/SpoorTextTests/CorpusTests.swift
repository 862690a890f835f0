import SpoorText
import TestSupport
import Testing

/// The fuzzing corpus is parsed without a trap, and parses to the same value after it was written.
@Suite struct CorpusTests {
    @Test func `JSON`() throws {
        let inputs = try Corpus.inputs(of: "json")
        #expect(inputs.count > 3)
        for input in inputs {
            let value = try? JSONReader<JSONValue>.read(input.bytes, maxDepth: 8)
            #expect(
                (try? JSONReader<JSONValue>.read(input.bytes, maxDepth: 8)) == value,
                "\(input.name)")
        }
    }

    @Test func `texts`() throws {
        let inputs = try Corpus.inputs(of: "text")
        #expect(inputs.count > 16)
        for input in inputs {
            let text = String(decoding: input.bytes.dropFirst(), as: UTF8.self)
            expectStable(text, IPAddress.init, input.name)
            expectStable(text, IPNetwork.init, input.name)
            expectStable(text, HTTPDate.init, input.name)
            expectStable(text, MediaType.init, input.name)
            expectStable(text, EntityTag.init, input.name)
            expectStable(text, ByteRanges.init, input.name)
            expectStable(text, ForwardedElement.Node.init, input.name)
            expectStable(text, { EntityTagList($0) }, input.name)
            expectStable(text, { URLQuery(encoded: $0) }, input.name)
            if let url = URLParts(text) { #expect(url.pathAndQuery.hasPrefix(url.path)) }
        }
    }

    @Test func `lines`() throws {
        let inputs = try Corpus.inputs(of: "lines")
        #expect(inputs.count > 6)
        for input in inputs {
            var splitter = LineSplitter(maxBytes: Int((input.bytes.first ?? 0) & 31))
            splitter.feed(Array(input.bytes.dropFirst()))
            splitter.finish()
            var joined: [UInt8] = []
            while case .line(let line)? = try? splitter.next() { joined += line + [0x0A] }
            let bytes = input.bytes.dropFirst() + [0x0A]
            #expect(bytes.starts(with: joined), "\(input.name)")
        }
    }

    private func expectStable<Value: Equatable & CustomStringConvertible>(
        _ text: String, _ read: (String) -> Value?, _ name: String
    ) {
        guard let value = read(text) else { return }
        #expect(read(value.description) == value, "\(name)")
    }
}
