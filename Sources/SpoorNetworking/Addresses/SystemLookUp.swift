internal import CSpoorLinux
internal import Glibc

/// The system's resolver: `getaddrinfo`, which blocks the calling thread for as long as it likes.
enum SystemLookUp {
    /// The addresses of a name, with port 0, in the order of RFC 6724; never empty.
    static func addresses(of host: String) -> HostResolver.Answer {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // RFC 3493 §6.1: no IPv6 addresses for a machine that has none itself, and the other way
        // round.
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let text = unsafe String(cString: gai_strerror(code))
            let isTemporary = code == EAI_AGAIN || code == EAI_SYSTEM || code == EAI_MEMORY
            return .failure(isTemporary ? .temporary(text) : .unknownHost(text))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe SocketAddress(entry.pointee) { addresses.append(address) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.unknownHost("no addresses")) : .success(addresses)
    }
}

extension SocketAddress {
    fileprivate init?(_ entry: addrinfo) {
        let length = unsafe Int(entry.ai_addrlen)
        guard let address = unsafe entry.ai_addr, length <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
        }
        self.init(kernelForm: storage, length: socklen_t(length))
    }
}
