import FoundationEssentials

/// The stored inputs of a fuzz target: `Fuzzing/Corpora` in the repository.
package enum Corpus {
    /// The name and the bytes of each input, in the order of their names.
    package static func inputs(of target: String) throws -> [(name: String, bytes: [UInt8])] {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let folder = root.joined(separator: "/") + "/Fuzzing/Corpora/" + target
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            (name: name, bytes: [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + name))))
        }
    }
}
