import HTTPTypes
public import SpoorHTTP
public import SpoorMiddleware
import SpoorNetworking
import SpoorText

/// A handler that serves the files of a directory.
///
/// ```swift
/// routes.on(.get, "/assets/{path...}", StaticFiles(directory: "Public"))
/// ```
///
/// Files are sent by the kernel, with the type by suffix, `ETag`, `Last-Modified`, conditional requests and ranges:
/// see ``SpoorHTTP/ResponseWriter/send(fileAt:contentType:mediaTypes:)-(String,_,_)``. For a directory with an index
/// file, a path without trailing slash is redirected to the path with a slash, with 308 and the query; so is the path
/// of the route itself: `/assets` to `/assets/`.
///
/// Names are bytes: a file whose name is not UTF-8 is found by its percent-encoded bytes. No path leads out of the
/// directory: segments `.` and `..` and those that begin with a dot are not found. Symbolic links are followed to any
/// destination.
public struct StaticFiles: Handler {
    private let directory: String
    private let parameter: String
    private let indexFile: String?
    private let cacheControl: String?
    private let mediaTypes: MediaTypes
    private let showsHidden: Bool

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - directory: The directory; relative to the working directory if it does not begin with a slash.
    ///   - parameter: The parameter of the route for the path within the directory.
    ///   - indexFile: The file that is sent for a path that ends in a slash; nil for none. Directories are not
    ///     listed.
    ///   - cacheControl: The `Cache-Control` of all files, such as `max-age=3600`.
    ///   - mediaTypes: The types by suffix.
    ///   - showsHidden: Whether files whose names begin with a dot are served.
    public init(
        directory: String, parameter: String = "path", indexFile: String? = "index.html",
        cacheControl: String? = nil, mediaTypes: MediaTypes = .common, showsHidden: Bool = false
    ) {
        self.directory = directory
        self.parameter = parameter
        self.indexFile = indexFile
        self.cacheControl = cacheControl
        self.mediaTypes = mediaTypes
        self.showsHidden = showsHidden
    }

    /// Sends the file at the path.
    ///
    /// - Throws: ``HTTPError`` with 404, 403, 405 or 503, or an error of the connection.
    public func handle(_ exchange: Exchange) async throws {
        let method = exchange.request.method
        guard method == .get || method == .head else {
            throw HTTPError(.methodNotAllowed, headers: [.allow: "GET, HEAD"])
        }
        let requested = exchange.parameters.bytes(parameter) ?? []
        guard let path = path(of: requested) else { throw HTTPError(.notFound) }
        if let cacheControl { exchange.response.headers[.cacheControl] = cacheControl }
        do {
            let file = try await ReadableFile.open(bytes: path)
            // The root of the route without its slash: relative links in the index would not lead into the directory.
            if requested.isEmpty, let location = exchange.request.slashedTarget {
                return try await redirect(exchange, to: location)
            }
            try await exchange.response.send(file, contentType: mediaTypes.type(ofFileAt: path))
        } catch let error as SystemError where error.isNoRegularFile {
            guard await hasIndex(path), let location = exchange.request.slashedTarget else {
                throw HTTPError(.notFound)
            }
            try await redirect(exchange, to: location)
        } catch {
            throw HTTPError(opening: error) ?? error
        }
    }

    private func redirect(_ exchange: Exchange, to location: String) async throws {
        // RFC 9110 §15.4.9: unlike with 301, the method is preserved.
        try await exchange.response.send(
            Response(status: .permanentRedirect, headers: [.location: location]))
    }

    /// Returns whether a path is a directory with an index file.
    private func hasIndex(_ path: [UInt8]) async -> Bool {
        guard let indexFile else { return false }
        return await (try? ReadableFile.open(bytes: path + Array("/\(indexFile)".utf8))) != nil
    }

    /// Returns the path of the file; nil if it is not allowed.
    func path(of requested: [UInt8]) -> [UInt8]? {
        var path = requested
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        if path.isEmpty || path.last == slash {
            guard let indexFile else { return nil }
            path += Array(indexFile.utf8)
        }
        let segments = path.split(separator: slash, omittingEmptySubsequences: false)
        let isSound = segments.allSatisfy { segment in
            !segment.isEmpty && !segment.elementsEqual([dot]) && !segment.elementsEqual([dot, dot])
                && (showsHidden || segment.first != dot) && !segment.contains(0)
        }
        return isSound ? Array("\(directory)/".utf8) + path : nil
    }
}

extension StaticFiles: MountedHandler {}
