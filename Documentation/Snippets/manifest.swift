// swift-tools-version: 6.2
import PackageDescription

/// The manifest whose list of targets a fragment stands in.
let package = Package(
    name: "greeter",
    dependencies: [.package(path: "../spoor")],
    targets: [
// SNIPPET
    ])
