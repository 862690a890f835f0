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
    case thrift
    case otlp
    case pem
    case traceContext = "trace-context"

    /// The function that libFuzzer calls; it is a C function, so it captures nothing.
    var callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt {
        switch self {
        case .requestHead: { bytes, count in unsafe lend(bytes, count, to: fuzzRequestHead) }
        case .chunkedBody: { bytes, count in unsafe lend(bytes, count, to: fuzzChunkedBody) }
        case .response: { bytes, count in unsafe lend(bytes, count, to: fuzzResponse) }
        case .pieces: { bytes, count in unsafe lend(bytes, count, to: fuzzPieces) }
        case .text: { bytes, count in unsafe lend(bytes, count, to: fuzzText) }
        case .json: { bytes, count in unsafe lend(bytes, count, to: fuzzJSON) }
        case .thrift: { bytes, count in unsafe lend(bytes, count, to: fuzzThrift) }
        case .otlp: { bytes, count in unsafe lend(bytes, count, to: fuzzOTLP) }
        case .pem: { bytes, count in unsafe lend(bytes, count, to: fuzzPEM) }
        case .traceContext: { bytes, count in unsafe lend(bytes, count, to: fuzzTraceContext) }
        }
    }
}

private func lend(
    _ bytes: UnsafePointer<UInt8>?, _ count: Int, to target: (Span<UInt8>) -> Void
) -> CInt {
    // Not copied, so that the sanitizer detects each access out of bounds.
    unsafe target(UnsafeBufferPointer(start: bytes, count: count).span)
    return 0
}
