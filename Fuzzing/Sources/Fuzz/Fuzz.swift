import CFuzzer

/// Hands one of the targets to libFuzzer: `Fuzz --target=NAME [libFuzzer's options] [CORPUS…]`.
///
/// libFuzzer leaves options of two hyphens alone, and gives them to the processes that it starts to merge corpora.
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

/// What can be fuzzed; each traps on what must not happen.
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

    /// libFuzzer's way in: a C function, so it captures nothing.
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
    // No copy: the sanitiser sees every step beyond either end.
    unsafe target(UnsafeBufferPointer(start: bytes, count: count).span)
    return 0
}
