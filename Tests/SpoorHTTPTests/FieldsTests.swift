import HTTPTypes
import Testing

@testable import SpoorHTTP

@Suite struct FieldsTests {
    @Test func `finds a field whatever the case of its name`() {
        let fields: Fields = [.accept: "a", .cookie: "b"]
        #expect(fields[.accept] == "a")
    }
}
