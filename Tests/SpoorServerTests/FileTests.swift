import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import SpoorText
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct FileTests {
    /// A directory with files, for the lifetime of the suite's instance.
    private final class Folder: Sendable {
        let path: String

        init() throws {
            var template = Array("\(P_tmpdir)/spoor-files-XXXXXX".utf8CString)
            guard unsafe mkdtemp(&template) != nil else { throw FolderError.noFolder }
            path = String(
                decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit {
            for name in ["small.txt", "large.bin", "index.html", "fifo"] {
                unsafe unlink("\(path)/\(name)")
            }
            unsafe rmdir(path)
        }

        func write(_ name: String, _ bytes: [UInt8]) throws {
            let number = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            guard number >= 0 else { throw FolderError.noFile }
            defer { close(number) }
            var written = 0
            while written < bytes.count {
                let count = unsafe bytes[written...].withUnsafeBytes { rest in
                    unsafe Glibc.write(number, rest.baseAddress, rest.count)
                }
                guard count > 0 else { throw FolderError.noFile }
                written += count
            }
        }
    }

    private enum FolderError: Error { case noFolder, noFile }

    private let folder: Folder
    private let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    init() throws {
        folder = try Folder()
        try folder.write("small.txt", Array("0123456789".utf8))
        try folder.write("index.html", Array("<p>index".utf8))
        try folder.write("large.bin", large)
    }

    @Test func `a time in the future is not sent as that of the last change`() async throws {
        // RFC 9110 §8.8.2.1
        var times = utimbuf(actime: 4_102_444_800, modtime: 4_102_444_800)
        #expect(unsafe utime("\(folder.path)/small.txt", &times) == 0)
        try await withTestClient(handler: routes()) { client async throws in
            let response = try await client.get("/small.txt")
            let modified = try #require(response["Last-Modified"].flatMap { HTTPDate($0) })
            let date = try #require(response["Date"].flatMap { HTTPDate($0) })
            #expect(modified <= date)
        }
    }

    private func routes() -> Router {
        var routes = Router()
        routes.on(.get, "/{path...}", StaticFiles(directory: folder.path))
        return routes
    }

    private static func get(_ path: String, _ headers: String = "", method: String = "GET")
        -> String
    {
        "\(method) /\(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(headers)\r\n"
    }

    /// Returns the response to one request: its head, and its body.
    private static func ask(
        _ address: SocketAddress, _ request: String
    ) async throws -> (head: String, body: [UInt8]) {
        try await RawConnection.connected(to: address) { peer in
            try await peer.send(request)
            let head = try await peer.read(until: "\r\n\r\n")
            var body: [UInt8] = []
            while true {
                let more = try await peer.read()
                if more.isEmpty { return (head, body) }
                body += more
            }
        }
    }

    @Test func `a small and a large file arrive completely`() async throws {
        try await withServer(handler: routes()) { bound, _ in
            let small = try await Self.ask(bound, Self.get("small.txt"))
            #expect(small.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(small.head.contains("Content-Type: text/plain; charset=utf-8\r\n"))
            #expect(small.head.contains("Content-Length: 10\r\n"))
            #expect(small.head.contains("ETag: \""))
            #expect(small.head.contains("Last-Modified: "))
            #expect(small.body == Array("0123456789".utf8))
            let large = try await Self.ask(bound, Self.get("large.bin"))
            #expect(large.head.contains("Content-Length: 3000000\r\n"))
            #expect(large.body == self.large)
            let index = try await Self.ask(bound, Self.get(""))
            #expect(index.body == Array("<p>index".utf8))
        }
    }

    @Test func `HEAD describes the file and sends no body`() async throws {
        try await withServer(handler: routes()) { bound, _ in
            for name in ["small.txt", "large.bin"] {
                let response = try await Self.ask(bound, Self.get(name, method: "HEAD"))
                let length = name == "small.txt" ? 10 : 3_000_000
                #expect(response.head.contains("Content-Length: \(length)\r\n"))
                #expect(response.body.isEmpty)
            }
        }
    }

    @Test(
        arguments: [204, 205, 304], ["small.txt", "large.bin"])
    func `a file is not sent with a status that has no body`(code: Int, name: String) async throws {
        let path = "\(folder.path)/\(name)"
        let handler = StreamingHandler { exchange in
            exchange.response.status = HTTPResponse.Status(code: code)
            try await exchange.response.send(fileAt: path)
        }
        try await withServer(handler: handler) { bound, _ in
            let response = try await Self.ask(bound, Self.get(""))
            #expect(response.head.hasPrefix("HTTP/1.1 \(code) "))
            #expect(response.head.contains("Content-Length: 0\r\n") == (code == 205))
            #expect(response.body.isEmpty)
        }
    }

    @Test func `only the requested range is sent`() async throws {
        try await withServer(handler: routes()) { bound, _ in
            let part = try await Self.ask(
                bound, Self.get("large.bin", "Range: bytes=100000-1999999\r\n"))
            #expect(part.head.hasPrefix("HTTP/1.1 206 "))
            #expect(part.head.contains("Content-Range: bytes 100000-1999999/3000000\r\n"))
            #expect(part.body == Array(large[100_000..<2_000_000]))
            let end = try await Self.ask(bound, Self.get("small.txt", "Range: bytes=-3\r\n"))
            #expect(end.body == Array("789".utf8))
            let afterEnd = try await Self.ask(bound, Self.get("small.txt", "Range: bytes=10-\r\n"))
            #expect(afterEnd.head.hasPrefix("HTTP/1.1 416 "))
            #expect(afterEnd.head.contains("Content-Range: bytes */10\r\n"))
        }
    }

    @Test func `a client that has the file receives a 304`() async throws {
        try await withServer(handler: routes()) { bound, _ in
            let first = try await Self.ask(bound, Self.get("small.txt"))
            for (asked, sent) in [
                ("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"),
            ] {
                let line = first.head.split(separator: "\r\n").first { $0.hasPrefix(sent) } ?? ""
                let value = line.drop { $0 != ":" }
                let second = try await Self.ask(
                    bound, Self.get("small.txt", "\(asked)\(value)\r\n"))
                #expect(second.head.hasPrefix("HTTP/1.1 304 "))
                #expect(second.head.contains("ETag: "))
                #expect(second.body.isEmpty)
            }
        }
    }

    @Test(arguments: [
        "missing", "small.txt/x", "%2e%2e/etc/passwd", "..%2f..%2fetc/passwd", "a%00b", "fifo",
    ])
    func `a path that is not a file below the directory is not found`(path: String) async throws {
        let isMade = unsafe mkfifo("\(folder.path)/fifo", 0o600) == 0
        #expect(isMade)
        try await withServer(handler: routes()) { bound, _ in
            let response = try await Self.ask(bound, Self.get(path))
            #expect(response.head.hasPrefix("HTTP/1.1 404 "))
            let directory = try await Self.ask(bound, Self.get("x/"))
            #expect(directory.head.hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func `a file that is truncated while it is sent aborts the response`()
        async throws
    {
        let file = try await ReadableFile.open("\(folder.path)/large.bin")
        let isCut = unsafe truncate("\(folder.path)/large.bin", 1_000_000) == 0
        #expect(isCut)
        let handler = StreamingHandler { try await $0.response.send(file) }
        try await withServer(handler: handler) { bound, _ in
            let received = try await Self.ask(bound, Self.get(""))
            #expect(received.head.contains("Content-Length: 3000000\r\n"))
            #expect(received.body.count == 1_000_000)
        }
    }

    @Test(arguments: [-1..<3, 0..<11, 11..<11])
    func `a range that is not within the file is an error before anything is sent`(
        range: Range<Int>
    ) async throws {
        let path = "\(folder.path)/small.txt"
        let handler = StreamingHandler { exchange in
            let file = try await ReadableFile.open(path)
            try await exchange.response.send(file, range)
        }
        try await withTestClient(handler: handler) { client async throws in
            #expect(try await client.get("/").status == .internalServerError)
        }
        let error = FileSendError.rangeOutOfBounds(range, byteCount: 10)
        #expect("\(error)".contains("of a file of 10 bytes"))
    }

    @Test func `files follow each other on an idle connection`() async throws {
        try await withServer(handler: routes()) { bound, _ in
            let kept = "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n"
            let response = try await Self.ask(bound, kept + kept + Self.get("small.txt"))
            #expect(response.body.prefix(3_000_000).elementsEqual(large))
            #expect(response.body.suffix(10) == Array("0123456789".utf8)[...])
        }
    }
}
