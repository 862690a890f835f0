import SpoorText

/// A transformation of the bytes of a body, in either direction: compression, decompression, signing, logging.
///
/// It performs no I/O: it is given bytes and appends bytes. The connection calls it as bytes arrive or are written, and
/// sends or returns what it has appended before it calls it again, so a slow peer slows it down as well
/// (back-pressure).
///
/// ```swift
/// struct Uppercase: BodyTransform {
///     mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
///         for index in input.indices {
///             let byte = input[index]
///             output.append(byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte)
///         }
///         return input.count
///     }
/// }
/// ```
public protocol BodyTransform {
    /// Transforms bytes of the body.
    ///
    /// A transform whose output is larger than its input stops when ``BodyOutput/freeCapacity`` is used up, and returns
    /// how many bytes it has consumed; it is called again with the rest. A call must consume or append something.
    ///
    /// - Returns: The number of bytes that were consumed.
    /// - Throws: Any error. For a request it is thrown by the read of the body, and should be a ``ProblemError`` if the
    ///   client is at fault; for a response, by the write.
    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) throws -> Int

    /// Appends the bytes that the transform holds back, because everything so far is sent now, such as an event of a
    /// stream.
    mutating func flush(into output: inout BodyOutput) throws

    /// Appends the end of the body.
    ///
    /// - Parameter trailers: The trailers of the body, which may be changed; they are sent only if the body is chunked
    ///   (RFC 9110 §6.5).
    /// - Returns: Whether the output is complete; if not, it is called again after the output was taken.
    mutating func finish(into output: inout BodyOutput, trailers: inout Headers) throws -> Bool

    /// Returns the number of bytes of the transformed body, or nil, the default, if it is not known in advance.
    ///
    /// A streamed body of unknown length is sent chunked.
    ///
    /// - Parameter count: The number of bytes of the original body; nil if it is not known.
    func outputCount(forInputCount count: Int?) -> Int?
}

extension BodyTransform {
    /// Appends nothing.
    public mutating func flush(into output: inout BodyOutput) {}

    /// Appends nothing.
    public mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
        true
    }

    /// Returns nil: the number is not known.
    public func outputCount(forInputCount count: Int?) -> Int? { nil }
}

/// The bytes that a ``BodyTransform`` appends in one call.
public struct BodyOutput {
    /// The number of bytes after which a transform should stop: 64 KiB, as much as is sent in one write.
    public static let maxBytes = 64 << 10

    /// The bytes that were appended.
    public private(set) var bytes: [UInt8] = []

    /// Creates an empty output.
    public init() {}

    /// The number of bytes that may be appended before the transform should return; 0 if there is no more space.
    public var freeCapacity: Int { max(0, Self.maxBytes - bytes.count) }

    /// Appends a byte.
    public mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends bytes.
    public mutating func append(_ span: Span<UInt8>) {
        bytes.append(addingCapacity: span.count) { output in output.append(copying: span) }
    }

    /// Appends bytes.
    public mutating func append(contentsOf more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Appends bytes that a closure writes, for instance with a function of a C library.
    ///
    /// - Parameters:
    ///   - capacity: The maximum number of bytes that the closure writes.
    ///   - write: Writes the bytes.
    public mutating func append<Failure: Error>(
        addingCapacity capacity: Int,
        initializingWith write: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        try bytes.append(addingCapacity: capacity, initializingWith: write)
    }
}

/// A mistake of a ``BodyTransform``.
public enum BodyTransformError: Error, Equatable, CustomStringConvertible {
    /// A call has neither consumed nor appended a byte, so it would be repeated forever.
    case noProgress(transform: String)
    /// A call has returned a negative number of consumed bytes, or more than it was given.
    case countInvalid(Int, transform: String)

    /// A message that states the mistake and how to correct it.
    public var description: String {
        switch self {
        case .noProgress(let transform):
            "the body transform \(transform) has neither consumed nor appended a byte: consume the input, append "
                + "output, or throw an error"
        case .countInvalid(let count, let transform):
            "the body transform \(transform) has returned \(count) consumed bytes, which are not between 0 and "
                + "input.count: return the number of consumed bytes"
        }
    }
}
