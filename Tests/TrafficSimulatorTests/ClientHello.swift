/// The first message of a TLS handshake: enough to be told apart, not to go on.
func clientHello(serverName: String, protocols: [String]) -> [UInt8] {
    var extensions: [UInt8] = []
    if !serverName.isEmpty {
        let name = Array(serverName.utf8)
        extensions += framed(type: 0, ([0] as [UInt8]).counted(name).counted)
    }
    if !protocols.isEmpty {
        extensions += framed(type: 16, protocols.flatMap { [UInt8($0.utf8.count)] + $0.utf8 }.counted)
    }
    extensions += framed(type: 43, [2, 3, 4])  // TLS 1.3
    extensions += framed(type: 10, [0, 2, 0, 29])
    extensions += framed(type: 13, [0, 2, 4, 3])
    var body: [UInt8] = [3, 3]
    body += [UInt8](repeating: 7, count: 32)
    body += [0]  // no session
    body += [0, 2, 0x13, 0x01]  // one cipher
    body += [1, 0]  // no compression
    body += extensions.counted
    let handshake = [1, 0] + body.counted
    return [22, 3, 1] + handshake.counted
}

private func framed(type: UInt16, _ content: [UInt8]) -> [UInt8] {
    [UInt8(type >> 8), UInt8(type & 0xFF)] + content.counted
}

extension [UInt8] {
    /// With two bytes in front that count them.
    fileprivate var counted: [UInt8] { [UInt8(count >> 8), UInt8(count & 0xFF)] + self }

    /// Followed by others and their count.
    fileprivate func counted(_ others: [UInt8]) -> [UInt8] { self + others.counted }
}
