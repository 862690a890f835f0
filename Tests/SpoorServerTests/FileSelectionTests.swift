import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorNetworking
import SpoorText
import Testing

@testable import SpoorServer

@Suite struct FileSelectionTests {
    private static let file = Validators(
        entityTag: EntityTag(opaque: "a-1"), lastModified: HTTPDate(secondsSince1970: 784_111_777))
    private static let now = HTTPDate(secondsSince1970: 784_111_800)
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let later = "Sun, 06 Nov 1994 08:49:38 GMT"
    private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"

    private static func selection(_ range: String) -> FileSelection {
        FileSelection([.range: range], of: file, byteCount: 1000, method: .get, now: now)
    }

    @Test(arguments: [
        ("bytes=0-0", FileSelection.part(0..<1)), ("bytes=10-19", .part(10..<20)),
        ("bytes=990-", .part(990..<1000)), ("bytes=990-5000", .part(990..<1000)),
        ("bytes=-10", .part(990..<1000)), ("bytes=-5000", .part(0..<1000)),
        ("BYTES=1-2", .part(1..<3)), ("bytes=1000-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
        ("bytes=99999999999999999999-", .unsatisfiable),
        ("bytes=0-99999999999999999999", .part(0..<1000)),
        ("bytes=20-10", .whole), ("bytes=-", .whole), ("bytes=", .whole), ("bytes", .whole),
        ("lines=1-2", .whole), ("bytes=0-1,5-6", .whole), ("bytes=1-2-3", .whole),
        ("bytes=--1", .whole), ("bytes=a-b", .whole), ("bytes= 1-2", .whole),
        ("bytes=+1-2", .whole),
        ("bytes=1-x", .whole), ("bytes=x-1", .whole),
    ])
    func `selects one range and ignores everything else`(field: String, expected: FileSelection) {
        #expect(Self.selection(field) == expected)
    }

    @Test func `a thousand ranges are ignored`() {
        let field = "bytes=" + (0..<1000).map { "\($0)-" }.joined(separator: ",")
        #expect(Self.selection(field) == .whole)
    }

    @Test(arguments: [
        ([HTTPField.Name.ifNoneMatch: "\"a-1\""], FileSelection.notModified),
        ([.ifNoneMatch: "\"b\", W/\"a-1\""], .notModified),
        ([.ifNoneMatch: "*"], .notModified), ([.ifNoneMatch: "\"x,*,y\""], .whole),
        ([.ifNoneMatch: "a-1"], .whole), ([.ifMatch: "a-1"], .preconditionFailed),
        ([.ifNoneMatch: "\"b\"", .ifModifiedSince: date], .whole),
        ([.ifModifiedSince: date], .notModified), ([.ifModifiedSince: later], .notModified),
        ([.ifModifiedSince: earlier], .whole), ([.ifModifiedSince: "yesterday"], .whole),
        ([.ifMatch: "\"a-1\""], .whole), ([.ifMatch: "W/\"a-1\""], .preconditionFailed),
        ([.ifMatch: "\"b\""], .preconditionFailed),
        ([.ifUnmodifiedSince: earlier], .preconditionFailed), ([.ifUnmodifiedSince: date], .whole),
        ([.range: "bytes=0-9"], .part(0..<10)),
        ([.range: "bytes=0-9", .ifRange: "\"a-1\""], .part(0..<10)),
        ([.range: "bytes=0-9", .ifRange: "\"b\""], .whole),
        ([.range: "bytes=0-9", .ifRange: "W/\"a-1\""], .whole),
        ([.range: "bytes=0-9", .ifRange: date], .part(0..<10)),
        ([.range: "bytes=0-9", .ifRange: later], .whole),
        ([.range: "bytes=0-9", .ifNoneMatch: "\"a-1\""], .notModified),
    ])
    func `evaluates preconditions before ranges`(
        headers: [HTTPField.Name: String], expected: FileSelection
    ) {
        var given = Headers()
        for (name, value) in headers { given[name] = value }
        #expect(
            FileSelection(given, of: Self.file, byteCount: 1000, method: .get, now: Self.now)
                == expected)
    }

    @Test(arguments: [
        (784_111_776 as Int64, FileSelection.whole), (784_111_777, .whole),
        (784_111_778, .part(0..<10)),
    ])
    func `a date within the current second allows no range`(
        seconds: Int64, expected: FileSelection
    ) {
        let now = HTTPDate(secondsSince1970: seconds)
        let dated = FileSelection(
            [.range: "bytes=0-9", .ifRange: Self.date], of: Self.file, byteCount: 1000,
            method: .get, now: now)
        #expect(dated == expected)
        let tagged = FileSelection(
            [.range: "bytes=0-9", .ifRange: "\"a-1\""], of: Self.file, byteCount: 1000,
            method: .get, now: now)
        #expect(tagged == .part(0..<10))
    }

    @Test func `ranges are for GET`() {
        for method in [HTTPRequest.Method.head, .post] {
            let selection = FileSelection(
                [.range: "bytes=0-9"], of: Self.file, byteCount: 1000, method: method, now: Self.now
            )
            #expect(selection == .whole)
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.head, HTTPField.Name.ifModifiedSince, date, FileSelection.notModified),
        (.post, .ifModifiedSince, date, .whole),
        (.head, .ifNoneMatch, "\"a-1\"", .notModified),
        (.post, .ifNoneMatch, "\"a-1\"", .preconditionFailed),
        (.post, .ifNoneMatch, "\"b\"", .whole),
        (.post, .ifMatch, "\"b\"", .preconditionFailed),
        (.post, .ifUnmodifiedSince, earlier, .preconditionFailed),
        (.options, .ifMatch, "\"b\"", .whole),
    ])
    func `preconditions depend on the method`(
        method: HTTPRequest.Method, name: HTTPField.Name, value: String, expected: FileSelection
    ) {
        let selection = FileSelection(
            Headers([name: value]), of: Self.file, byteCount: 1000, method: method, now: Self.now)
        #expect(selection == expected)
    }

    @Test(arguments: [
        ("a.html", "files/a.html"), ("b/c.css", "files/b/c.css"), ("", "files/index.html"),
        ("b/", "files/b/index.html"), ("..", nil), ("../x", nil), ("b/../../x", nil), (".", nil),
        ("b/./c", nil), ("b//c", nil), ("/etc/passwd", nil), (".git/config", nil), ("b/.env", nil),
        ("a\0.html", nil),
    ])
    func `no path leads out of the directory`(path: String, expected: String?) {
        #expect(resolvedPath(of: path, in: StaticFiles(directory: "files")) == expected)
    }

    /// Returns the file of a path, as text.
    private func resolvedPath(of path: String, in files: StaticFiles) -> String? {
        files.path(of: Array(path.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        ("../\u{301}x", nil), ("b/../\u{301}x", nil), ("..\u{301}/../x", nil),
        ("/\u{301}x", nil), ("b/\u{301}", "files/b/\u{301}"),
        (".\u{301}x", "files/.\u{301}x"), ("..\u{301}", "files/..\u{301}"),
        ("...", "files/..."), (".env", "files/.env"),
    ])
    func `a combining mark after a slash or a dot hides neither`(path: String, expected: String?) {
        #expect(
            resolvedPath(of: path, in: StaticFiles(directory: "files", showsHidden: true))
                == expected)
        if path.utf8.first == UInt8(ascii: ".") {
            #expect(resolvedPath(of: path, in: StaticFiles(directory: "files")) == nil)
        }
    }

    @Test(arguments: [
        (ENOENT, HTTPResponse.Status.notFound), (EISDIR, .notFound), (EACCES, .forbidden),
        (EMFILE, .serviceUnavailable), (ENFILE, .serviceUnavailable), (EIO, nil),
    ])
    func `errors of opening a file are answered with a status`(
        code: Int32, expected: HTTPResponse.Status?
    ) {
        let response = HTTPError(opening: SystemError(code: code, call: "open"))
        #expect(response?.status == expected)
        #expect(response?.headers[.retryAfter] == (expected == .serviceUnavailable ? "1" : nil))
    }

    @Test(arguments: [
        BlockingPool.Rejection.queueFull(pool: "a", maxThreads: 1, maxQueuedJobs: 1),
        .noThread(pool: "a", SystemError(code: EAGAIN, call: "x")),
    ])
    func `a busy pool is answered with 503`(rejection: BlockingPool.Rejection) {
        let response = HTTPError(opening: rejection)
        #expect(response?.status == .serviceUnavailable)
        #expect(response?.headers[.retryAfter] == "1")
    }
}
