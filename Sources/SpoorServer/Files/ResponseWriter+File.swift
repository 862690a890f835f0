import HTTPTypes
public import SpoorHTTP
public import SpoorNetworking
import SpoorText

/// Sending files as response bodies.
extension ResponseWriter {
    /// Sends a file, or the part of it that the client requests.
    ///
    /// Adds these headers: `Content-Type` unless it is set, `ETag`, `Last-Modified`, `Accept-Ranges`. Preconditions
    /// (`If-None-Match`, `If-Modified-Since`, `If-Match`, `If-Unmodified-Since`) are answered with 304 or 412
    /// depending on the method, a `Range` with a single range in a GET with 206 or 416; for several ranges the whole
    /// file is sent. Both are ignored if the status was set to another than 200: an error page is always sent
    /// completely (RFC 9110 §13.2.1, §14.2).
    ///
    /// The file is opened off the event loop and sent by the kernel (`sendfile`), or read and encrypted in pieces
    /// over TLS. Sending reads from disk on the event loop's thread: store files on fast disks, or in memory.
    ///
    /// - Parameters:
    ///   - path: The path of the file; do not construct it from client input without validation (``StaticFiles``
    ///     validates).
    ///   - contentType: The `Content-Type`; determined by the suffix of the name if nil.
    ///   - mediaTypes: The types by suffix.
    /// - Throws: ``HTTPError`` with 404 or 403 if the file cannot be opened, or 503 if the server temporarily lacks
    ///   resources; ``FileSendError`` if the file is truncated while it is sent; or as ``start(bodyLength:)``.
    public func send(
        fileAt path: String, contentType: String? = nil, mediaTypes: MediaTypes = .common
    ) async throws {
        try await send(
            fileAt: Array(path.utf8), contentType: contentType, mediaTypes: mediaTypes)
    }

    /// Sends a file whose path is any bytes except NUL, such as a name in Latin-1; otherwise as
    /// ``send(fileAt:contentType:mediaTypes:)-(String,_,_)``.
    public func send(
        fileAt path: [UInt8], contentType: String? = nil, mediaTypes: MediaTypes = .common
    ) async throws {
        let file: ReadableFile
        do {
            file = try await ReadableFile.open(bytes: path)
        } catch {
            if let failure = HTTPError(opening: error) { throw failure }
            throw error
        }
        try await send(file, contentType: contentType ?? mediaTypes.type(ofFileAt: path))
    }

    /// Sends an open file, or the part of it that the client requests.
    func send(_ file: ReadableFile, contentType: @autoclosure () -> String) async throws {
        let now = HTTPDate(secondsSince1970: WallClock.secondsSinceEpoch())
        let validators = Validators(file, now: now)
        headers[.eTag] = validators.entityTag?.description
        headers[.lastModified] = validators.lastModified?.description
        headers[.acceptRanges] = "bytes"
        let request = exchange.request
        let selection =
            status == .ok
            ? FileSelection(
                request.headers, of: validators, byteCount: file.byteCount, method: request.method,
                now: now) : .whole
        switch selection {
        case .notModified:
            return try await send(Response(status: .notModified))
        case .preconditionFailed:
            throw HTTPError(.preconditionFailed)
        case .unsatisfiable:
            // RFC 9110 §15.5.17: a 416 contains the length of the file.
            throw HTTPError(
                .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(file.byteCount)"])
        case .whole, .part:
            if !headers.contains(.contentType) {
                headers[.contentType] = contentType()
            }
            if case .part(let range) = selection {
                status = .partialContent
                headers[.contentRange] =
                    "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.byteCount)"
                return try await send(file, range)
            }
            try await send(file)
        }
    }

    /// Sends an open file, or a part of it, as the whole body, with the status and headers that are set.
    ///
    /// - Parameter range: The range of bytes; the whole file, with its size when it was opened, if nil.
    /// - Throws: ``FileSendError/rangeOutOfBounds(_:byteCount:)`` before anything is sent, or as
    ///   ``send(fileAt:contentType:mediaTypes:)-(String,_,_)``.
    public func send(_ file: ReadableFile, _ range: Range<Int>? = nil) async throws {
        try await exchange.onEventLoop { wire in
            let range = range ?? 0..<file.byteCount
            guard range.lowerBound >= 0, range.upperBound <= file.byteCount else {
                throw FileSendError.rangeOutOfBounds(range, byteCount: file.byteCount)
            }
            guard status.allowsBody else {
                // As with a Response that has a body.
                if !range.isEmpty, exchange.request.knownMethod != .head {
                    wire.logIgnored(.body(status), for: exchange)
                }
                return try await finish()
            }
            try await start(bodyLength: range.count)
            if let driver = wire as? ConnectionDriver, driver.sends(filesOf: range.count),
                !isTransformed
            {
                try await driver.send(file, range, for: exchange)
            } else if exchange.request.knownMethod != .head, !isBodyOmitted {
                try await copy(file, range, to: wire)
            }
            try await finish()
        }
    }

    /// Reads the file and writes it in pieces of bounded size.
    private func copy(
        _ file: ReadableFile, _ range: Range<Int>, to wire: any ExchangeWire
    ) async throws {
        var buffer = [UInt8](repeating: 0, count: min(range.count, 64 << 10))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = try file.read(into: &buffer, from: offset)
            guard count > 0 else { throw FileSendError.becameShorter }
            let taken = min(count, range.upperBound - offset)
            if isTransformed {
                try await write(Array(buffer[..<taken]))
            } else {
                let progress = try wire.write(
                    buffer.span.extracting(0..<taken), for: exchange)
                if progress == .mustDrain { try await wire.drain(for: exchange) }
            }
            offset += taken
        }
    }
}

extension Validators {
    /// Creates the validators of an open file: the tag changes with its time of modification and its size.
    ///
    /// A time in the future is replaced by the present one (RFC 9110 §8.8.2.1).
    fileprivate init(_ file: ReadableFile, now: HTTPDate) {
        let time = [file.modifiedSeconds, Int64(file.modifiedNanoseconds)].map {
            String($0, radix: 16)
        }
        self.init(
            entityTag: EntityTag(
                opaque: time.joined(separator: ".") + "-" + String(file.byteCount, radix: 16)),
            lastModified: min(HTTPDate(secondsSince1970: file.modifiedSeconds), now))
    }
}

extension HTTPError {
    /// Creates the response to an error of opening a file; nil for an internal error of the server.
    init?(opening error: any Error) {
        switch error {
        case let error as SystemError where error.isNotFound: self.init(.notFound)
        case let error as SystemError where error.isForbidden: self.init(.forbidden)
        case let error as SystemError where error.isDescriptorShortage: self = .shortage
        case is BlockingPool.Rejection: self = .shortage
        default: return nil
        }
    }

    /// RFC 9110 §15.6.4: a temporary overload.
    private static var shortage: HTTPError {
        HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"])
    }
}

/// An error of a file whose length was already announced in the head; the connection closes.
public enum FileSendError: Error, Equatable {
    /// The file ended before the announced length.
    case becameShorter
    /// The range is not within the file; a mistake of the handler.
    case rangeOutOfBounds(Range<Int>, byteCount: Int)
}

extension FileSendError: CustomStringConvertible {
    /// What happened to the file, and how to avoid it.
    public var description: String {
        switch self {
        case .becameShorter:
            "the file became shorter while it was sent, so the announced length cannot be met and the "
                + "connection closes: replace files by renaming a new one, do not truncate them"
        case .rangeOutOfBounds(let range, let byteCount):
            "bytes \(range.lowerBound)..<\(range.upperBound) were to be sent of a file of \(byteCount) bytes: "
                + "compare the range with file.byteCount first"
        }
    }
}
