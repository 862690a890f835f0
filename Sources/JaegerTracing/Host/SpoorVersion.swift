/// The version of this package, as peers and backends see it.
package enum SpoorVersion {
    /// Major, minor and patch number, by the rules of semantic versioning.
    package static let current = "0.1.0"
}
