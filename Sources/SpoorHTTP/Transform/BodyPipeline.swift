import SpoorText

/// The transforms of a body, in the order in which its bytes pass them; it performs no I/O.
///
/// At most one input and one output of each transform are in memory, so a body of any length needs bounded space.
package final class BodyPipeline {
    private var stages: [Stage] = []
    /// The trailers, after the last transform has ended.
    package private(set) var trailers = Headers()
    /// The number of bytes that will be fed, as announced; nil if unknown.
    private let announcedCount: Int?
    /// Whether less may be fed: the body of a response to `HEAD` is not sent, so it need not be written.
    private let mayBeOmitted: Bool
    private var fedCount = 0

    /// One transform, and its input.
    private struct Stage {
        var transform: any BodyTransform
        var input: [UInt8] = []
        var inputStart = 0
        var state = StageState.transforming
        /// Whether the transform must append the bytes that it holds back, once its input is consumed.
        var isFlushing = false

        var hasInput: Bool { inputStart < input.count }
        var name: String { "\(type(of: transform))" }
    }

    private enum StageState {
        /// More input may follow.
        case transforming
        /// All input has been given to it.
        case finishing
        /// All output has been taken.
        case finished
    }

    /// The result of ``next()``.
    package enum Output {
        case bytes([UInt8])
        /// More bytes, or the end of the body, must be fed.
        case needsInput
        /// The body has ended.
        case ended
    }

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - announcedCount: The number of bytes that will be fed; nil if unknown.
    ///   - mayBeOmitted: Whether less may be fed.
    package init(
        _ transforms: [any BodyTransform], announcedCount: Int?, mayBeOmitted: Bool = false
    ) {
        stages = transforms.map { Stage(transform: $0) }
        self.announcedCount = announcedCount
        self.mayBeOmitted = mayBeOmitted
    }

    /// The number of bytes of the transformed body, if it is known in advance.
    package var outputCount: Int? {
        stages.reduce(announcedCount) { count, stage in
            stage.transform.outputCount(forInputCount: count)
        }
    }

    /// Appends a transform after those that exist.
    package func append(_ transform: any BodyTransform) {
        stages.append(Stage(transform: transform))
    }

    /// Feeds bytes; only when ``next()`` has returned ``Output/needsInput``, or before its first call.
    ///
    /// - Throws: ``ResponseStateError/bodyTooLong`` if more is fed than announced.
    package func feed(_ bytes: [UInt8]) throws(ResponseStateError) {
        fedCount += bytes.count
        if let announcedCount, fedCount > announcedCount { throw .bodyTooLong }
        stages[0].input = bytes
        stages[0].inputStart = 0
    }

    /// Makes the following calls of ``next()`` return everything that was fed so far.
    package func flush() {
        for index in stages.indices { stages[index].isFlushing = true }
    }

    /// Marks the end of the body, after which no more bytes are fed.
    ///
    /// Called again if the first trailers could not be sent.
    ///
    /// - Throws: ``ResponseStateError/bodyTooShort`` if less was fed than announced.
    package func end(trailers: Headers) throws(ResponseStateError) {
        if let announcedCount, fedCount < announcedCount, !mayBeOmitted { throw .bodyTooShort }
        self.trailers = trailers
        if stages[0].state == .transforming { stages[0].state = .finishing }
    }

    /// Returns the next bytes of the transformed body.
    package func next() throws -> Output {
        try next(of: stages.count - 1)
    }

    private func next(of index: Int) throws -> Output {
        while true {
            if stages[index].hasInput {
                if let bytes = try transform(index) { return .bytes(bytes) }
                continue
            }
            switch stages[index].state {
            case .finished: return .ended
            case .finishing:
                if let bytes = try finish(index) { return .bytes(bytes) }
                continue
            case .transforming: break
            }
            switch index == 0 ? .needsInput : try next(of: index - 1) {
            case .bytes(let bytes):
                stages[index].input = bytes
                stages[index].inputStart = 0
            case .ended: stages[index].state = .finishing
            case .needsInput:
                guard let bytes = try flush(index) else { return .needsInput }
                return .bytes(bytes)
            }
        }
    }

    /// Transforms the input of a stage; returns nil if it has appended nothing.
    private func transform(_ index: Int) throws -> [UInt8]? {
        var output = BodyOutput()
        let (input, start) = (stages[index].input, stages[index].inputStart)
        let count = try stages[index].transform.transform(
            input.span.extracting(start..<input.count), into: &output)
        guard (0...input.count - start).contains(count) else {
            throw BodyTransformError.countInvalid(count, transform: stages[index].name)
        }
        stages[index].inputStart += count
        if !stages[index].hasInput { stages[index].input = [] }
        if !output.bytes.isEmpty { return output.bytes }
        guard count > 0 else { throw BodyTransformError.noProgress(transform: stages[index].name) }
        return nil
    }

    private func finish(_ index: Int) throws -> [UInt8]? {
        var output = BodyOutput()
        if try stages[index].transform.finish(into: &output, trailers: &trailers) {
            stages[index].state = .finished
        } else if output.bytes.isEmpty {
            throw BodyTransformError.noProgress(transform: stages[index].name)
        }
        return output.bytes.isEmpty ? nil : output.bytes
    }

    private func flush(_ index: Int) throws -> [UInt8]? {
        guard stages[index].isFlushing else { return nil }
        stages[index].isFlushing = false
        var output = BodyOutput()
        try stages[index].transform.flush(into: &output)
        return output.bytes.isEmpty ? nil : output.bytes
    }
}
