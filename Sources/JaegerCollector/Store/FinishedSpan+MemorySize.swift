import JaegerTracing

/// Estimates of the memory that records take, in bytes: near enough to bound the store by.
extension FinishedSpan {
    var memoryByteCount: Int {
        var byteCount = MemoryLayout<FinishedSpan>.stride + operationName.heapByteCount
        byteCount += tags.memoryByteCount
        if !references.isEmpty {
            byteCount += heapHeaderBytes + references.count * MemoryLayout<SpanReference>.stride
        }
        if !logs.isEmpty {
            byteCount += heapHeaderBytes + logs.count * MemoryLayout<SpanLog>.stride
            for log in logs {
                byteCount += log.fields.memoryByteCount
            }
        }
        return byteCount
    }
}

extension TracedProcess {
    var memoryByteCount: Int {
        heapHeaderBytes + serviceName.heapByteCount + tags.memoryByteCount
    }
}

/// What an allocation costs beside its content: object header, count, capacity, allocator.
private let heapHeaderBytes = 48

extension [Tag] {
    fileprivate var memoryByteCount: Int {
        guard !isEmpty else { return 0 }
        var byteCount = heapHeaderBytes + count * MemoryLayout<Tag>.stride
        for tag in self {
            byteCount += tag.key.heapByteCount
            switch tag.value {
            case .string(let text): byteCount += text.heapByteCount
            case .binary(let bytes): byteCount += heapHeaderBytes + bytes.count
            case .double, .bool, .int: break
            }
        }
        return byteCount
    }
}

extension String {
    /// Texts of up to 15 bytes live within the String itself.
    fileprivate var heapByteCount: Int {
        let count = utf8.count
        return count <= 15 ? 0 : heapHeaderBytes + count
    }
}
