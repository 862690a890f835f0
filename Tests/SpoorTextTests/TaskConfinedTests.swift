import SpoorText
import Testing

@Suite struct TaskConfinedTests {
    @Test func `a value that is lent is read and written in place`() {
        let owned = TaskConfined([1, 2])
        defer { owned.deallocate() }
        var lent = Lent<[Int]>()
        #expect(!lent.isLent)
        lent = Lent(owned)
        #expect(lent.isLent && lent.value == [1, 2])
        lent.value.append(3)
        #expect(owned.value == [1, 2, 3])
    }

    @Test func `a value that is returned is no longer lent`() {
        var lent = Lent(TaskConfined("text"))
        let returned = lent.end()
        #expect(!lent.isLent && returned?.value == "text")
        #expect(lent.end() == nil)
        returned?.deallocate()
    }
}
