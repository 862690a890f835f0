import FoundationEssentials

/// The files of this repository, read once for all tests.
///
/// Files that are built, fetched or ignored by Git are not included.
enum Repository {
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    static let manifest = Manifest(text("Package.swift"))

    static let sources = swift(under: "Sources")
    static let tests = swift(under: "Tests")
    static let examples = swift(under: "Examples").filter { source in
        !packages.contains { source.path.hasPrefix("\($0)/") }
    }
    /// The folders of separate packages, which the root manifest does not contain.
    static let packages = [
        "Benchmarks", "Examples/HummingbirdService", "Examples/OutsideMiddleware",
    ]
    static let swiftFiles =
        sources + tests + examples + packages.flatMap { swift(under: $0) }
        + [SourceText(path: "Package.swift", text: text("Package.swift"))]
    /// The other documents and scripts.
    static let otherFiles =
        ["Scripts", "Benchmarks", "Examples", "Tests", ".ci"].flatMap { paths(under: $0) }
        .filter { !$0.hasSuffix(".swift") && !$0.contains(".build/") }
        .compactMap { path in contents(path).map { SourceText(path: path, text: $0) } }
        + documents
    /// Scripts and programs in other languages than Swift.
    static let scripts =
        (otherFiles.map(\.path) + paths(under: "Sources/JaegerCollector/Page")).filter { path in
            let name = path.split(separator: "/").last ?? ""
            let suffix = name.split(separator: ".").dropFirst().last ?? ""
            return suffix.isEmpty
                ? !path.hasPrefix("Tests/") && !path.hasPrefix("Examples/")
                    || name == "check"
                : ["py", "sh", "mjs", "js", "c", "go", "conf", "thrift"].contains(suffix)
                    || path.hasPrefix("Scripts/")
        }
        .map { SourceText(path: $0, text: text($0)) }
    static let documents = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"]
        .compactMap { path in contents(path).map { SourceText(path: path, text: $0) } }

    /// The text of a file; empty if it does not exist.
    static func text(_ path: String) -> String { contents(path) ?? "" }

    /// The names of the files and folders in a folder; none if it does not exist.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []).sorted()
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(root)/\(path)")
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        let exists = FileManager.default.fileExists(
            atPath: "\(root)/\(path)", isDirectory: &isFolder)
        return exists && isFolder
    }

    private static func contents(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    private static func swift(under folder: String) -> [SourceText] {
        paths(under: folder).filter { $0.hasSuffix(".swift") }
            .map { SourceText(path: $0, text: text($0)) }
    }

    private static func paths(under folder: String) -> [String] {
        names(in: folder).filter { $0 != ".build" && $0 != "__pycache__" }.flatMap { name in
            let path = "\(folder)/\(name)"
            return isFolder(path) ? paths(under: path) : [path]
        }
    }
}
