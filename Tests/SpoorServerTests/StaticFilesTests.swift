import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// The file or redirect for a path below a mounted directory.
@Suite(.finishes(within: .seconds(60))) struct StaticFilesTests {
    /// A directory tree, for the lifetime of the suite's instance.
    private final class Tree: Sendable {
        let path: String
        private let made: [[UInt8]]

        /// Creates directories (with a trailing slash) and files with their own names as contents.
        init(_ entries: [[UInt8]]) throws {
            var template = Array("\(P_tmpdir)/spoor-tree-XXXXXX".utf8CString)
            guard unsafe mkdtemp(&template) != nil else { throw SystemFault() }
            let root = template.dropLast().map { UInt8(bitPattern: $0) }
            path = String(decoding: root, as: UTF8.self)
            made = entries.map { root + [0x2F] + $0 }
            for entry in made {
                let name = entry.map { CChar(bitPattern: $0) } + [0]
                if entry.last == 0x2F {
                    guard unsafe mkdir(name, 0o755) == 0 else { throw SystemFault() }
                    continue
                }
                let number = unsafe open(name, O_WRONLY | O_CREAT, 0o644)
                guard number >= 0 else { throw SystemFault() }
                _ = unsafe Glibc.write(number, entry, entry.count)
                close(number)
            }
        }

        deinit {
            for entry in made.reversed() {
                unsafe remove(entry.map { CChar(bitPattern: $0) } + [0])
            }
            unsafe rmdir(path)
        }
    }

    private struct SystemFault: Error {}

    private let tree: Tree

    init() throws {
        let names = [
            "index.html", "sub/", "sub/index.html", "sub/deep er/", "sub/deep er/index.html",
            "bare/", "bare/a.txt", "a:b/", "a:b/index.html", "\\evil.com/",
            "\\evil.com/index.html", "evil.com/", "evil.com/index.html", ".hidden/",
            ".hidden/index.html", "404.html",
        ]
        let latin1: [[UInt8]] = [
            [0x72, 0xE9] + Array(".txt".utf8), [0xE9, 0x2F],
            [0xE9, 0x2F] + Array("index.html".utf8),
        ]
        tree = try Tree(names.map { Array($0.utf8) } + latin1)
    }

    private func routes() -> Router {
        var routes = Router()
        routes.on(.get, "/assets/{path...}", StaticFiles(directory: tree.path))
        routes.on(.get, "/none/{path...}", StaticFiles(directory: tree.path, indexFile: nil))
        routes.on(.get, "/nowhere/{path...}", StaticFiles(directory: tree.path + "/bare"))
        routes.group([ErrorMiddleware()]) { routes in
            routes.on(.get, "/grouped/{path...}", StaticFiles(directory: tree.path))
        }
        routes.on(.get, "/taken/{path...}", StaticFiles(directory: tree.path))
        routes.get("/taken") { _ in "mine" }
        routes.on(.get, "/{path...}", StaticFiles(directory: tree.path))
        return routes
    }

    @Test(arguments: [
        ("/assets/sub", "/assets/sub/"), ("/assets", "/assets/"), ("/grouped", "/grouped/"),
        ("/assets/sub?a=1&b=%2F", "/assets/sub/?a=1&b=%2F"), ("/assets?", "/assets/?"),
        ("/assets/sub/deep%20er", "/assets/sub/deep%20er/"), ("/assets/a:b", "/assets/a:b/"),
        ("/sub", "/sub/"), ("/%E9?x=//evil", "/%E9/?x=//evil"), ("/\\evil.com", "/%5Cevil.com/"),
        ("/sub?a=\\b\"<>", "/sub/?a=%5Cb%22%3C%3E"),
        ("/sub?q=a+b;c='d',!(*)$@:/?", "/sub/?q=a+b;c='d',!(*)$@:/?"), ("/s%75b", "/s%75b/"),
        ("http://host/assets/sub?q", "/assets/sub/?q"), ("/%61ssets", "/%61ssets/"),
    ])
    func `a directory with an index is redirected to its slash, with the query`(
        target: String, location: String
    ) async throws {
        try await withServer(handler: routes()) { bound, _ in
            for method in ["GET", "HEAD"] {
                let response = try await RawConnection.roundTrip(
                    to: bound,
                    ["\(method) \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
                #expect(response.hasPrefix("HTTP/1.1 308 Permanent Redirect\r\n"))
                #expect(response.contains("\r\nLocation: \(location)\r\n"))
            }
        }
    }

    @Test(arguments: [
        "/assets/bare", "/none/sub", "/none", "/nowhere", "/assets/.hidden", "//evil.com",
        "//evil.com/..", "/%2Fevil.com", "/assets//sub", "/assets/%2E%2E/sub", "/assets/..%2Fsub",
        "/assets/sub/index.html/", "/assets/sub%00", "/assets/bare/", "/assets/no",
    ])
    func `nothing else is redirected or found`(target: String) async throws {
        try await withServer(handler: routes()) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, ["GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            #expect(response.hasPrefix("HTTP/1.1 404 "))
            #expect(!response.contains("Location"))
        }
    }

    @Test func `the slash form is answered, and an explicit route takes precedence`() async throws {
        try await withTestClient(handler: routes()) { client in
            for path in ["/assets/", "/assets/sub/", "/sub/deep%20er/", "/%E9/", "/assets/sub%2F"] {
                let response = try await client.get(path)
                #expect(response.status == .ok && response.text.hasSuffix("index.html"))
            }
            #expect(try await client.get("/taken").text == "mine")
            #expect(try await client.get("/taken/").text.hasSuffix("index.html"))
            #expect(try await client.post("/assets", body: .none).status == .methodNotAllowed)
        }
    }

    @Test func `a file whose name is not UTF-8 is found by its bytes`() async throws {
        try await withTestClient(handler: routes()) { client in
            let response = try await client.get("/assets/r%E9.txt")
            #expect(
                response.status == .ok && response.body.suffix(6) == [0x72, 0xE9] + ".txt".utf8)
            #expect(response["content-type"] == "text/plain; charset=utf-8")
            #expect(try await client.get("/assets/r%C3%A9.txt").status == .notFound)
            #expect(try await client.get("/assets/r%EF%BF%BD.txt").status == .notFound)
        }
    }

    @Test func `a file as an error page is sent completely, whatever the client has cached`()
        async throws
    {
        var types = MediaTypes()
        types["html"] = "text/x-page"
        let page = tree.path + "/404.html"
        var routes = Router()
        routes.stream(.get, "/gone") { [types] exchange in
            exchange.response.status = .notFound
            try await exchange.response.send(fileAt: page, mediaTypes: types)
        }
        try await withTestClient(handler: routes) { client in
            for headers: Headers in [
                [.ifNoneMatch: "*"], [.range: "bytes=0-1"], [.ifMatch: "\"x\""],
            ] {
                let response = try await client.get("/gone", headers: headers)
                #expect(response.status == .notFound && response.text.hasSuffix("404.html"))
                #expect(response["content-type"] == "text/x-page; charset=utf-8")
            }
        }
    }
}
