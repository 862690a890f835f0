/// The files in which the author is responsible for memory safety, with the reasons.
///
/// They are the files of descriptors, epoll, parser buffers, task-confined storage and TLS. Remove a file that no longer needs
/// `unsafe`.
extension Rules {
    /// The files of `Sources` that may contain `unsafe`, each with its reason.
    static let unsafeFiles: [String: String] = [
        "Sources/SpoorJSON/Writing/JSONHandler.swift":
            "passes the task-confined exchange to a concurrent closure that it awaits",
        "Sources/SpoorMiddleware/Chain/Handler.swift":
            "passes the task-confined exchange to a concurrent closure that it awaits",
        "Sources/SpoorServer/Connection/ConnectionDriver+Transport.swift":
            "takes the exchange's own work along to its loop's thread, in the same task",
        "Sources/SpoorServer/Connection/ConnectionTask.swift":
            "keeps the connection's task, to cancel it from outside of it",
        "Sources/SpoorHTTP/Headers/Headers+HTTPFields.swift":
            "the bytes of an HTTPField's value, which it passes to a closure only",
        "Sources/SpoorText/TaskConfined.swift":
            "hot state of an exchange or a loop, in memory of its own that one task or thread accesses",
        "Sources/SpoorHTTP1/Buffer/Span+Bytes.swift":
            "unaligned loads from the parser's buffer, checked against its bounds",
        "Sources/JaegerTracing/Host/Host.swift":
            "clocks and the machine's names: calls that fill memory of ours",
        "Sources/SpoorText/OutputSpan+Bytes.swift":
            "copies into an encoder's buffer, each checked against its capacity",
        "Sources/JaegerConfiguration/ProcessEnvironment.swift":
            "the C library's environment",

        "Sources/SpoorNetworking/Descriptors/FileDescriptor.swift": "system calls",
        "Sources/SpoorNetworking/Descriptors/FileDescriptor+Socket.swift":
            "system calls with addresses, options and buffers of ours",
        "Sources/SpoorNetworking/PortHandover/Listener+Handover.swift":
            "a program of ours that the kernel copies",
        "Sources/SpoorNetworking/Descriptors/InheritedSockets.swift": "the C library's environment",
        "Sources/SpoorNetworking/PortHandover/ListeningSocket.swift":
            "reads the kernel's list of sockets into a buffer of ours",
        "Sources/SpoorNetworking/Descriptors/BorrowedSocket.swift":
            "system calls on a descriptor that another owns",
        "Sources/SpoorNetworking/EventLoop/EventLoop+Turn.swift":
            "running jobs as their executor, and what is confined to the loop's thread: jobs, a sleeper's continuation",
        "Sources/SpoorNetworking/Descriptors/SystemError.swift": "the C library's text of an error",
        "Sources/SpoorNetworking/Addresses/SocketAddress.swift": "the kernel's forms of an address",
        "Sources/SpoorNetworking/Addresses/HostResolver.swift": "the lists that getaddrinfo makes",
        "Sources/SpoorNetworking/Files/ReadableFile.swift": "system calls that fill memory of ours",
        "Sources/SpoorNetworking/Streams/ByteStream.swift": "bytes passed to a call",
        "Sources/SpoorNetworking/Streams/SocketStream.swift": "bytes passed to a call",
        "Sources/SpoorTesting/InProcess/MemoryPipe.swift": "bytes passed to a call",
        "Sources/SpoorTesting/InProcess/MemoryStream.swift": "bytes passed to a call",
        "Sources/SpoorNetworking/Streams/SocketFile.swift": "the file of a Unix socket",
        "Sources/SpoorNetworking/Streams/ReceiveBuffer.swift": "memory that the kernel writes to",
        "Sources/SpoorNetworking/EventLoop/Epoll.swift": "epoll and its array of events",
        "Sources/SpoorNetworking/EventLoop/Registration.swift":
            "continuations confined to the loop's thread",
        "Sources/SpoorNetworking/EventLoop/EventLoop.swift": "asking a task for its executor",
        "Sources/SpoorNetworking/EventLoop/EventLoopGroup.swift":
            "the set of processors, and a continuation",
        "Sources/SpoorNetworking/EventLoop/LoopThread.swift": "POSIX threads",
        "Sources/SpoorNetworking/Timers/MonotonicInstant.swift": "clock_gettime and the calendar",
        "Sources/SpoorNetworking/Blocking/BlockingThreads.swift":
            "a POSIX semaphore, and the jobs of an executor",
        "Sources/SpoorNetworking/Process/ProcessExit.swift": "bytes passed to a system call",

        "Sources/JaegerReporter/WireFormat.swift": "bytes passed to zlib",
        "Sources/JaegerCollector/Ingest/ContentCoding.swift": "bytes passed to zlib",

        "Sources/SpoorTLS/OpenSSL/ErrorQueue.swift": "the library's text of an error",
        "Sources/SpoorTLS/OpenSSL/X509Certificate.swift": "OpenSSL's certificates",
        "Sources/SpoorTLS/OpenSSL/PEMSource+Reading.swift":
            "OpenSSL's readers, files, wiping what was a key, and holding a key against a certificate",
        "Sources/SpoorTLS/OpenSSL/SecureContext.swift": "setting up an SSL_CTX",
        "Sources/SpoorTLS/Server/ServerContexts.swift": "callbacks that OpenSSL makes",
        "Sources/SpoorTLS/Client/TLSClient.swift": "an SSL_CTX, and an SSL_SESSION",
        "Sources/SpoorTLS/Stream/SecureConnection.swift": "an SSL and the calls on it",
        "Sources/SpoorTLS/Stream/SocketBIO.swift": "callbacks that OpenSSL makes",
        "Sources/SpoorTLS/Stream/TLSStream.swift": "bytes passed to a call",
        "Sources/SpoorTLS/Authority/InMemoryCertificateAuthority.swift":
            "making keys and certificates",
    ]
}
