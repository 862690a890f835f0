/// The jobs that wait on a loop, first in, first out: a ring that grows and never shrinks.
///
/// Touched by the loop's own thread only, hence no lock. Its length is bounded by the number of the
/// loop's tasks.
@safe struct JobRing: ~Copyable {
    // Safe, because head and count never leave the storage's capacity.
    private var storage: UnsafeMutablePointer<UnownedJob>
    private var mask: Int
    private var head = 0
    private(set) var count = 0

    init() {
        unsafe storage = .allocate(capacity: 256)
        mask = 255
    }

    deinit {
        unsafe storage.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: UnownedJob) {
        if count > mask { grow() }
        unsafe (storage + ((head &+ count) & mask)).initialize(to: job)
        count &+= 1
    }

    mutating func popFirst() -> UnownedJob? {
        guard count > 0 else { return nil }
        let job = unsafe storage[head]
        head = (head &+ 1) & mask
        count &-= 1
        return job
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: (mask + 1) * 2)
        for index in 0..<count {
            unsafe (larger + index).initialize(to: storage[(head &+ index) & mask])
        }
        unsafe storage.deallocate()
        unsafe storage = larger
        mask = mask * 2 + 1
        head = 0
    }
}
