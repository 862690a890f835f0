/// Estimates of the memory of records, in bytes, accurate enough to limit a store.
extension FinishedSpan {
    package var memoryByteCount: Int {
        var byteCount = MemoryLayout<FinishedSpan>.stride + operationName.heapByteCount
        byteCount += tags.memoryByteCount
        if !references.isEmpty {
            byteCount += heapHeaderBytes + references.count * MemoryLayout<SpanReference>.stride
            for reference in references {
                byteCount += reference.tags.memoryByteCount
                byteCount += reference.traceState?.heapByteCount ?? 0
            }
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
    package var memoryByteCount: Int {
        heapHeaderBytes + serviceName.heapByteCount + tags.memoryByteCount
    }
}

/// The overhead of an allocation in addition to its content: object header, count, capacity, allocator.
private let heapHeaderBytes = 48

extension [SpanTag] {
    fileprivate var memoryByteCount: Int {
        guard !isEmpty else { return 0 }
        var byteCount = heapHeaderBytes + count * MemoryLayout<SpanTag>.stride
        for tag in self {
            byteCount += tag.key.heapByteCount
            byteCount += tag.value.heapByteCount
        }
        return byteCount
    }
}

extension TagValue {
    fileprivate var heapByteCount: Int {
        switch self {
        case .string(let text): text.heapByteCount
        case .binary(let bytes): heapHeaderBytes + bytes.count
        case .array(let values):
            values.reduce(heapHeaderBytes + values.count * MemoryLayout<TagValue>.stride) {
                $0 + $1.heapByteCount
            }
        case .double, .bool, .int: 0
        }
    }
}

extension String {
    /// Texts of up to 15 bytes are stored within the String itself.
    fileprivate var heapByteCount: Int {
        let count = utf8.count
        return count <= 15 ? 0 : heapHeaderBytes + count
    }
}
