import CFuzzer

/// Runs libFuzzer with one of the targets: `Fuzz --target=NAME [options of libFuzzer] [CORPUS…]`.
///
/// libFuzzer ignores options with two hyphens, and passes them to the processes that it starts to merge corpora.
@main
enum Fuzz {
    static func main() {
        let option = "--target="
        let name = CommandLine.arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count)
        guard let name, let target = FuzzTarget(rawValue: String(name)) else {
            print(FuzzTarget.allCases.map(\.rawValue).joined(separator: "\n"))
            return
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            unsafe CommandLine.unsafeArgv
        _ = unsafe LLVMFuzzerRunDriver(&count, &arguments, target.callback)
    }
}

/// The fuzz targets; each traps if an invariant is violated.
enum FuzzTarget: String, CaseIterable {
    case requestHead = "request-head"
    case chunkedBody = "chunked-body"
    case response
    case pieces
    case text
    case json
    case lines
    case query
    case thrift
    case otlp
    case pem
    case route
    case traceContext = "trace-context"

    /// The function that libFuzzer calls; it is a C function, so it captures nothing.
    var callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt {
        switch self {
        case .requestHead: { bytes, count in unsafe run(fuzzRequestHead, on: bytes, count) }
        case .chunkedBody: { bytes, count in unsafe run(fuzzChunkedBody, on: bytes, count) }
        case .response: { bytes, count in unsafe run(fuzzResponse, on: bytes, count) }
        case .pieces: { bytes, count in unsafe run(fuzzPieces, on: bytes, count) }
        case .text: { bytes, count in unsafe run(fuzzText, on: bytes, count) }
        case .json: { bytes, count in unsafe run(fuzzJSON, on: bytes, count) }
        case .lines: { bytes, count in unsafe run(fuzzLines, on: bytes, count) }
        case .query: { bytes, count in unsafe run(fuzzQuery, on: bytes, count) }
        case .thrift: { bytes, count in unsafe run(fuzzThrift, on: bytes, count) }
        case .otlp: { bytes, count in unsafe run(fuzzOTLP, on: bytes, count) }
        case .pem: { bytes, count in unsafe run(fuzzPEM, on: bytes, count) }
        case .route: { bytes, count in unsafe run(fuzzRoute, on: bytes, count) }
        case .traceContext: { bytes, count in unsafe run(fuzzTraceContext, on: bytes, count) }
        }
    }
}

private func run(
    _ target: (Span<UInt8>) -> Void, on bytes: UnsafePointer<UInt8>?, _ count: Int
) -> CInt {
    // Not copied, so that the sanitizer detects each access out of bounds.
    unsafe target(UnsafeBufferPointer(start: bytes, count: count).span)
    return 0
}
