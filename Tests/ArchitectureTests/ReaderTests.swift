import Testing

/// Tests the parsers that the other tests of this target use.
@Suite struct ReaderTests {
    @Test(arguments: [
        ("let a = 1 // try!", "let a = 1        "),
        ("a /* b /* c */ d */ e", "a                   e"),
        (#"print("unsafe", x)"#, #"print("      ", x)"#),
        (#"f("a\(unsafe x("b"))c")"#, #"f(" \(unsafe x(" ")) ")"#),
        (##"f(#"a\(b)"c"#, d)"##, ##"f(#"       "#, d)"##),
        (#"f("\"", x)"#, #"f("  ", x)"#),
        ("func `a \"b`() {}", "func `    `() {}"),
        ("#if os(Linux) // x", "#if os(Linux)     "),
    ])
    func `comments and strings are replaced, and code is unchanged`(
        source: String, expected: String
    ) {
        let masked = String(decoding: CodeMask.masking(source), as: UTF8.self)
        #expect(masked == expected)
    }

    @Test func `a multi-line string is blanked to its end`() {
        let source = SourceText(
            path: "A.swift", text: "let a = \"\"\"\n  try! \"b\" \\(c)\n  \"\"\"\ntry! d()\n")
        #expect(source.code == ["let a = \"\"\"", "           \\(c)", "  \"\"\"", "try! d()"])
    }

    @Test(arguments: [
        ("import A", "A"), ("public import A", "A"), ("@_exported public import A", "A"),
        ("@testable import A", "A"), ("package import struct A.B", "A"), ("internal import A", "A"),
        ("import A; let b = 1", "A"),
    ])
    func `an import is found with any attributes and modifiers`(text: String, module: String) {
        #expect(Import.all(in: SourceText(path: "A.swift", text: text)).map(\.module) == [module])
    }

    @Test(arguments: ["// import A", "let a = \"import A\"", "func importA() {}", "case import_"])
    func `text that only resembles an import is not one`(text: String) {
        #expect(Import.all(in: SourceText(path: "A.swift", text: text)).isEmpty)
    }

    @Test func `a manifest is read with its constants, paths and comments`() throws {
        let manifest = Manifest(
            """
            let http = Target.Dependency.product(
                name: "HTTPTypes", package: "swift-http-types")
            let package = Package(name: "p", products: [.library(name: "A", targets: ["A"])], targets: [
                // .target(name: "Gone"),
                .target(name: "A", dependencies: [http, "B", .product(name: "C", package: "c")]),
                .systemLibrary(name: "B"),
                .executableTarget(name: "D", dependencies: [.target(name: "A")], path: "Examples/D"),
                .testTarget(
                    name: "ATests",
                    dependencies: [mystery],
                    resources: [.copy("Golden")]),
            ])
            """)
        let targets = Dictionary(uniqueKeysWithValues: manifest.targets.map { ($0.name, $0) })
        #expect(targets.keys.sorted() == ["A", "ATests", "B", "D"])
        #expect(targets["A"]?.dependencies == ["HTTPTypes", "B", "C"])
        #expect(targets["A"]?.line == 5)
        #expect(targets["D"]?.dependencies == ["A"])
        #expect(targets["D"]?.path == "Examples/D")
        #expect(targets["ATests"]?.path == "Tests/ATests")
        #expect(manifest.puzzles.map(\.text) == ["mystery"])
        #expect(manifest.target(of: "Examples/D/E/f.swift")?.name == "D")
    }

    @Test func `a function is measured from its name to its brace`() {
        let source = SourceText(
            path: "A.swift",
            text: """
                protocol P {
                    func a()
                    func b(
                        c: Int
                    ) throws -> Int
                }
                func d() { e { f } }
                func g(
                    h: [Int] = [],
                    i: () -> Void = {}
                ) async
                    throws -> Int
                {
                    if h { i }
                    return 1
                }
                """)
        #expect(FunctionBody.all(in: source).map(\.firstLine) == [7, 8])
        #expect(FunctionBody.all(in: source).map(\.lineCount) == [1, 9])
    }
}
