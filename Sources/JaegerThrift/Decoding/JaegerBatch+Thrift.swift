package import JaegerTracing

/// `Batch` of jaeger.thrift as the whole body: bytes after its end are ignored.
extension JaegerBatch {
    /// Validates a body of `POST /api/traces`.
    ///
    /// One malformed span makes the whole body invalid, because the bytes after it cannot be interpreted.
    package init(thriftBytes bytes: [UInt8]) throws(MalformedBytes) {
        var reader = ThriftBinaryReader(bytes)
        try reader.rejectMessageEnvelope()
        self = try reader.batch(of: bytes)
    }
}

extension ThriftBinaryReader {
    fileprivate mutating func batch(of bytes: [UInt8]) throws(MalformedBytes) -> JaegerBatch {
        var process: TracedProcess?
        var outlines: [SpanOutline]?
        var sequenceNumber: Int64?
        var stats: ClientStats?
        // Fields may be in any order and repeated: the last one wins.
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .structure): process = try self.process()
            case (2, .list): outlines = try spanOutlines()
            case (3, .int64): sequenceNumber = try int64()
            case (4, .structure): stats = try self.stats()
            default: try skip(field.type)
            }
        }
        return JaegerBatch(
            process: try required(process, "Batch.process"),
            outlines: try required(outlines, "Batch.spans"),
            sequenceNumber: sequenceNumber,
            stats: stats,
            bytes: bytes
        )
    }

    private mutating func process() throws(MalformedBytes) -> TracedProcess {
        var serviceName: String?
        var tags: [SpanTag] = []
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .string): serviceName = try string()
            case (2, .list): tags = try self.tags()
            default: try skip(field.type)
            }
        }
        return TracedProcess(
            serviceName: try required(serviceName, "Process.serviceName"), tags: tags)
    }

    private mutating func stats() throws(MalformedBytes) -> ClientStats {
        var fullQueue: Int64?
        var tooLarge: Int64?
        var failedToEmit: Int64?
        while let field = try field() {
            switch (field.id, field.type) {
            case (1, .int64): fullQueue = try int64()
            case (2, .int64): tooLarge = try int64()
            case (3, .int64): failedToEmit = try int64()
            default: try skip(field.type)
            }
        }
        return ClientStats(
            fullQueueDroppedSpans: try required(fullQueue, "ClientStats.fullQueueDroppedSpans"),
            tooLargeDroppedSpans: try required(tooLarge, "ClientStats.tooLargeDroppedSpans"),
            failedToEmitSpans: try required(failedToEmit, "ClientStats.failedToEmitSpans")
        )
    }
}
