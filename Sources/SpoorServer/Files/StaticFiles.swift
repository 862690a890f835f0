import HTTPTypes
public import SpoorHTTP
public import SpoorMiddleware
import SpoorNetworking

/// Serves the files below a directory.
///
/// ```swift
/// routes.on(.get, "/assets/{path...}", StaticFiles(directory: "Public"))
/// ```
///
/// With type by suffix, `ETag`, `Last-Modified`, conditional requests and ranges, and sent by the kernel: see
/// ``SpoorHTTP/ResponseWriter/send(fileAt:contentType:)``. No path leads out of the directory: segments `.` and `..` and those
/// that begin with a dot are not found. Symbolic links are followed, wherever they lead.
public struct StaticFiles: Handler {
    private let directory: String
    private let parameter: String
    private let indexFile: String?
    private let cacheControl: String?
    private let showsHidden: Bool

    /// Makes the handler.
    ///
    /// - Parameters:
    ///   - directory: Where the files are; relative to the working directory if it does not begin with a slash.
    ///   - parameter: The placeholder of the route that stands for the path in it.
    ///   - indexFile: What a path that ends in a slash stands for; nil for nothing. Directories are not listed.
    ///   - cacheControl: The `Cache-Control` of all files, such as `max-age=3600`.
    ///   - showsHidden: Whether names that begin with a dot are served.
    public init(
        directory: String, parameter: String = "path", indexFile: String? = "index.html",
        cacheControl: String? = nil, showsHidden: Bool = false
    ) {
        self.directory = directory
        self.parameter = parameter
        self.indexFile = indexFile
        self.cacheControl = cacheControl
        self.showsHidden = showsHidden
    }

    /// Sends the file that the path names.
    ///
    /// - Throws: ``HTTPError`` with 404, 403, 405 or 503, or the connection's fault.
    public func handle(_ exchange: Exchange) async throws {
        let method = exchange.request.method
        guard method == .get || method == .head else {
            throw HTTPError(.methodNotAllowed, fields: [.allow: "GET, HEAD"])
        }
        guard let path = path(of: exchange.parameters[parameter] ?? "") else {
            throw HTTPError(.notFound)
        }
        if let cacheControl { exchange.response.fields[.cacheControl] = cacheControl }
        try await exchange.response.send(fileAt: path)
    }

    /// The path of the file; nil for one that must not be.
    func path(of requested: String) -> String? {
        var path = requested
        // By bytes, as the kernel reads it: as a Character, a slash before a combining mark is no slash.
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        if path.isEmpty || path.utf8.last == slash {
            guard let indexFile else { return nil }
            path += indexFile
        }
        let segments = path.utf8.split(separator: slash, omittingEmptySubsequences: false)
        let isSound = segments.allSatisfy { segment in
            !segment.isEmpty && !segment.elementsEqual([dot]) && !segment.elementsEqual([dot, dot])
                && (showsHidden || segment.first != dot) && !segment.contains(0)
        }
        return isSound ? directory + "/" + path : nil
    }
}
