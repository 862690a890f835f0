import SpoorText
import Testing

@Suite struct TaskConfinedTests {
    @Test func `a borrowed value is read and written in place`() {
        let owned = TaskConfined([1, 2])
        defer { owned.deallocate() }
        var borrowed = Borrowed<[Int]>()
        #expect(!borrowed.hasValue)
        borrowed = Borrowed(owned)
        #expect(borrowed.hasValue && borrowed.value == [1, 2])
        borrowed.value.append(3)
        #expect(owned.value == [1, 2, 3])
    }

    @Test func `a value that was taken is no longer borrowed`() {
        var borrowed = Borrowed(TaskConfined("text"))
        let returned = borrowed.take()
        #expect(!borrowed.hasValue && returned?.value == "text")
        #expect(borrowed.take() == nil)
        returned?.deallocate()
    }
}
