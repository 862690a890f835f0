import HTTPTypes
import Testing

@testable import SpoorHTTP

/// Doubles every byte, as far as there is space.
private struct Doubling: BodyTransform {
    /// The largest number of bytes that one call consumes.
    var maxCount = Int.max

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        let count = min(input.count, maxCount, output.freeCapacity / 2)
        for index in 0..<count {
            output.append(input[index])
            output.append(input[index])
        }
        return count
    }

    func outputCount(forInputCount count: Int?) -> Int? { count.map { $0 * 2 } }
}

/// Holds bytes back until there are four, a flush or the end; counts the bytes in a trailer.
private struct Gathering: BodyTransform {
    private var held: [UInt8] = []
    private var count = 0

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        for index in input.indices { held.append(input[index]) }
        count += input.count
        let whole = held.count / 4 * 4
        output.append(contentsOf: held[..<whole])
        held.removeFirst(whole)
        return input.count
    }

    mutating func flush(into output: inout BodyOutput) {
        output.append(contentsOf: held)
        held = []
    }

    mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
        flush(into: &output)
        trailers[.lastModified] = "\(count)"
        return true
    }
}

/// Appends `rest` bytes at the end, a piece per call.
private struct Padding: BodyTransform {
    var rest: Int

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        output.append(input)
        return input.count
    }

    mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
        let count = min(rest, output.freeCapacity)
        output.append(addingCapacity: count) { bytes in
            for _ in 0..<count { bytes.append(0) }
        }
        rest -= count
        return rest == 0
    }
}

/// Returns the same count for each call, and appends nothing.
private struct Broken: BodyTransform {
    let count: Int
    var isEndless = false

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int { count }

    mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
        !isEndless
    }
}

@Suite struct BodyPipelineTests {
    /// Feeds the pieces and returns everything that comes out, with the size of the largest piece.
    private func run(
        _ transforms: [any BodyTransform], _ pieces: [[UInt8]], announcedCount: Int? = nil,
        trailers: Headers = Headers()
    ) throws -> (bytes: [UInt8], largest: Int, trailers: Headers) {
        let pipeline = BodyPipeline(transforms, announcedCount: announcedCount)
        var rest = pieces[...]
        var (bytes, largest) = ([UInt8](), 0)
        while true {
            switch try pipeline.next() {
            case .bytes(let more):
                #expect(!more.isEmpty)
                largest = max(largest, more.count)
                bytes += more
            case .needsInput:
                if let piece = rest.popFirst() {
                    try pipeline.feed(piece)
                } else {
                    try pipeline.end(trailers: trailers)
                }
            case .ended: return (bytes, largest, pipeline.trailers)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `gives the same bytes for each way to cut the body`(maxCount: Int) throws {
        let body = Array("some bytes that are cut".utf8)
        let expected = body.flatMap { [$0, $0] }
        let transforms: [any BodyTransform] = [Gathering(), Doubling(maxCount: maxCount)]
        #expect(try run(transforms, [body]).bytes == expected)
        #expect(try run(transforms, body.map { [$0] }).bytes == expected)
        for cut in 0...body.count {
            let pieces = [Array(body[..<cut]), Array(body[cut...])]
            #expect(try run(transforms, pieces).bytes == expected)
        }
    }

    @Test func `an empty body ends`() throws {
        #expect(try run([Gathering(), Doubling()], []).bytes.isEmpty)
        #expect(try run([Padding(rest: 3)], []).bytes == [0, 0, 0])
    }

    @Test func `the size of a piece is bounded, whatever the transform makes of it`() throws {
        let body = [UInt8](repeating: 7, count: 1 << 20)
        let (bytes, largest, _) = try run([Doubling(), Doubling(), Padding(rest: 1 << 20)], [body])
        #expect(bytes.count == 5 << 20)
        #expect(largest <= BodyOutput.maxBytes)
    }

    // P004
    @Test func `trailers pass all transforms, which may add some`() throws {
        let name = try #require(HTTPField.Name("X-Sum"))
        let trailers = try run(
            [Doubling(), Gathering(), Doubling()], [[1, 2, 3]], trailers: Headers([name: "1"])
        ).trailers
        #expect(trailers[name] == "1")
        #expect(trailers[.lastModified] == "6")
    }

    @Test func `a flush returns what transforms hold back`() throws {
        let pipeline = BodyPipeline([Gathering(), Doubling(), Gathering()], announcedCount: nil)
        try pipeline.feed([1])
        guard case .needsInput = try pipeline.next() else {
            Issue.record("nothing is held back")
            return
        }
        pipeline.flush()
        var bytes: [UInt8] = []
        while case .bytes(let more) = try pipeline.next() { bytes += more }
        #expect(bytes == [1, 1])
        guard case .needsInput = try pipeline.next() else {
            Issue.record("the body has ended")
            return
        }
    }

    @Test func `the length of the result is known if each transform knows it`() {
        #expect(BodyPipeline([Doubling(), Doubling()], announcedCount: 3).outputCount == 12)
        #expect(BodyPipeline([Doubling()], announcedCount: nil).outputCount == nil)
        #expect(BodyPipeline([Doubling(), Gathering()], announcedCount: 3).outputCount == nil)
    }

    @Test func `a body that is not as long as announced is an error`() {
        #expect(throws: ResponseStateError.bodyTooShort) {
            try run([Doubling()], [[1, 2]], announcedCount: 3)
        }
        #expect(throws: ResponseStateError.bodyTooLong) {
            try run([Doubling()], [[1, 2], [3, 4]], announcedCount: 3)
        }
    }

    @Test func `a transform that makes no progress is an error, and not an endless loop`() {
        #expect(throws: BodyTransformError.noProgress(transform: "Broken")) {
            try run([Broken(count: 0)], [[1]])
        }
        #expect(throws: BodyTransformError.noProgress(transform: "Broken")) {
            try run([Broken(count: 1, isEndless: true)], [[1]])
        }
    }

    @Test(arguments: [-1, 3, Int.max, Int.min])
    func `a transform that returns an impossible count is an error`(count: Int) {
        #expect(throws: BodyTransformError.countInvalid(count, transform: "Broken")) {
            try run([Broken(count: count)], [[1, 2]])
        }
    }

    @Test func `a transform may be added while bytes pass`() throws {
        let pipeline = BodyPipeline([Doubling()], announcedCount: nil)
        try pipeline.feed([1])
        guard case .bytes([1, 1]) = try pipeline.next() else {
            Issue.record("not doubled")
            return
        }
        pipeline.append(Doubling())
        try pipeline.feed([2])
        guard case .bytes([2, 2, 2, 2]) = try pipeline.next() else {
            Issue.record("not doubled twice")
            return
        }
    }
}
