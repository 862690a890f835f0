internal import CSpoorLinux
internal import Glibc

/// The threads of event loops and blocking pools: named, and with every signal blocked, so that signals are delivered
/// to the threads of the program.
enum LoopThread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a detached thread that runs `body` and then ends.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var everySignal = sigset_t()
        var previous = sigset_t()
        unsafe sigfillset(&everySignal)
        unsafe pthread_sigmask(SIG_SETMASK, &everySignal, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }

        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                // The kernel keeps 15 bytes of a thread's name.
                unsafe spoor_thread_set_name(pthread_self(), String(start.name.prefix(15)))
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw SystemError(code: code, call: "pthread_create")
        }
        pthread_detach(thread)
    }

    private static let loopKey: pthread_key_t = {
        var key = pthread_key_t()
        let code = unsafe pthread_key_create(&key, nil)
        guard code == 0 else {
            ProcessExit.fail("cannot start event loops: no thread-specific key is left")
        }
        return key
    }()

    /// The loop of the calling thread.
    ///
    /// Not retained: a loop outlives its thread.
    static var currentLoop: EventLoop? {
        get {
            guard let pointer = unsafe pthread_getspecific(loopKey) else { return nil }
            return unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
        }
        set {
            let pointer = unsafe newValue.map {
                unsafe UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque())
            }
            unsafe pthread_setspecific(loopKey, pointer)
        }
    }
}
