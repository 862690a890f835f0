import FoundationEssentials
import Testing

@testable import SpoorServer

@Suite struct MediaTypesTests {
    @Test(arguments: [
        ("a/b.HTML", "text/html; charset=utf-8"), ("a.d/b", "application/octet-stream"),
        ("x.unheard", "application/octet-stream"), ("x.", "application/octet-stream"),
        (".html", "text/html; charset=utf-8"), ("", "application/octet-stream"),
        ("live.m3u8", "application/vnd.apple.mpegurl"), ("a.mov", "video/quicktime"),
        ("a.m4a", "audio/mp4"), ("a.tar", "application/x-tar"), ("a.yaml", "application/yaml"),
        ("a.opus", "audio/ogg"), ("a.BMP", "image/bmp"), ("a.tif", "image/tiff"),
        ("a.jsonld", "application/ld+json"), ("a.ics", "text/calendar; charset=utf-8"),
        ("a.doc", "application/msword"), ("a.tar.gz", "application/gzip"),
        ("jquery.min.js", "text/javascript; charset=utf-8"), ("a.json", "application/json"),
        ("a.svg", "image/svg+xml"), ("a.wasm", "application/wasm"), ("a.woff2", "font/woff2"),
        ("a.map", "application/json"), ("a.webmanifest", "application/manifest+json"),
        ("deps.spdx.json", "application/spdx+json"), ("a.mp4", "video/mp4"),
    ])
    func `types depend on the suffix, which is case-insensitive`(path: String, type: String) {
        #expect(MediaTypes.common.type(ofFileAt: path) == type)
    }

    @Test func `a suffix that is not valid text is unknown`() {
        #expect(MediaTypes.common.type(ofFileAt: [0x61, 0x2E, 0xE9]) == MediaTypes.unknown)
        #expect(
            MediaTypes.common.type(ofFileAt: [0xE9] + Array(".txt".utf8))
                == "text/plain; charset=utf-8")
    }

    @Test func `types can be added, replaced and removed`() {
        var types = MediaTypes.common
        types["TS"] = "video/mp2t"
        types["old"] = "text/plain; charset=iso-8859-1"
        types["note"] = "text/x-note"
        types["tar.gz"] = "application/x-gtar-compressed"
        types["html"] = nil
        #expect(types.type(ofFileAt: "a.ts") == "video/mp2t" && types["ts"] == "video/mp2t")
        #expect(types.type(ofFileAt: "a.old") == "text/plain; charset=iso-8859-1")
        #expect(types.type(ofFileAt: "a.note") == "text/x-note; charset=utf-8")
        #expect(types.type(ofFileAt: "a.tar.gz") == "application/x-gtar-compressed")
        #expect(types.type(ofFileAt: "a.html") == MediaTypes.unknown)
        #expect(MediaTypes.common["html"] != nil && MediaTypes()["html"] == nil)
    }

    /// Debian's list as an independent reference: every suffix in it has one of the types that it lists.
    @Test func `every suffix of the system's list has its type`() throws {
        let list = "/etc/mime.types"
        guard let text = try? String(contentsOfFile: list, encoding: .utf8) else {
            print("SKIPPED: \(list) is not here; apt-get install media-types")
            return
        }
        var types: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split { $0 == " " || $0 == "\t" }
            for suffix in words.dropFirst() {
                types[suffix.lowercased(), default: []].insert(words[0].lowercased())
            }
        }
        #expect(types.count > 1000)
        for (suffix, wanted) in types.sorted(by: { $0.key < $1.key }) {
            let full = MediaTypes.common.type(ofFileAt: "file." + suffix)
            let type = full.split(separator: ";")[0].lowercased()
            #expect(wanted.contains(type), ".\(suffix) is \(type) and not \(wanted)")
            #expect(full.hasSuffix("; charset=utf-8") == type.hasPrefix("text/"))
        }
    }
}
