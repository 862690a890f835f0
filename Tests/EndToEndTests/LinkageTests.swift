import FoundationEssentials
import Testing

/// The shared libraries of a program that links only `Spoor`: no Foundation, and no unexpected library.
@Suite struct LinkageTests {
    /// The example that depends only on `Spoor`; it is built together with the tests.
    private static let program: String? = CommandLine.arguments.compactMap { argument in
        argument.firstRange(of: "/spoorPackageTests.xctest").map {
            argument[..<$0.lowerBound] + "/Greeter"
        }
    }.first

    @Test func `a program that links Spoor needs no Foundation`() throws {
        let path = try #require(Self.program, "the tests run from the folder of the build")
        let contents = try #require(FileManager.default.contents(atPath: path))
        let needed = try #require(NeededLibraries(elf: [UInt8](contents)))
        #expect(needed.names.contains { $0.hasPrefix("libssl.") })
        #expect(needed.names.filter { $0.contains("Foundation") } == [])
        let known = [
            "libssl.", "libcrypto.", "libz.", "libc.", "libm.", "libgcc_s.", "libstdc++.",
            "ld-linux",
            "libswift", "libdispatch.", "libBlocksRuntime.",
        ]
        #expect(needed.names.filter { name in !known.contains { name.hasPrefix($0) } } == [])
    }
}

/// The shared libraries that a program names as needed: the `DT_NEEDED` entries of its dynamic section, as `readelf -d`
/// lists them (System V ABI, Object Files).
private struct NeededLibraries {
    let names: [String]

    /// Reads a 64-bit little-endian ELF file; nil if it is none, or has no dynamic section.
    init?(elf: [UInt8]) {
        guard elf.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return nil }
        func number(_ offset: Int, _ byteCount: Int) -> Int {
            elf[offset..<offset + byteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let headers = number(0x20, 8)
        let segments = (0..<number(0x38, 2)).map { headers + $0 * number(0x36, 2) }
        // PT_LOAD = 1, PT_DYNAMIC = 2.
        guard let dynamic = segments.first(where: { number($0, 4) == 2 }) else { return nil }
        func fileOffset(ofAddress address: Int) -> Int? {
            segments.first {
                number($0, 4) == 1 && number($0 + 16, 8) <= address
                    && address < number($0 + 16, 8) + number($0 + 32, 8)
            }.map { address - number($0 + 16, 8) + number($0 + 8, 8) }
        }
        var needed: [Int] = []
        var strings: Int?
        for entry in stride(from: number(dynamic + 8, 8), to: elf.count, by: 16) {
            let tag = number(entry, 8)
            if tag == 0 { break }
            if tag == 1 { needed.append(number(entry + 8, 8)) }
            if tag == 5 { strings = fileOffset(ofAddress: number(entry + 8, 8)) }
        }
        guard let strings else { return nil }
        names = needed.map {
            String(decoding: elf[(strings + $0)...].prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
