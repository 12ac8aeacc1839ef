/// What the agent answers itself.
struct DNSAnswer: Hashable, Sendable {
    enum Code: UInt8, Hashable, Sendable {
        case good = 0
        case malformed = 1
        case serverFailure = 2
        case noSuchName = 3
    }

    /// Half a minute: as long as a name may be wrong after it has changed.
    static let timeToLive: UInt32 = 30

    var code = Code.good
    /// The name that the asked name is short for; nil: it is not.
    var alias: String?
    /// Of the family that was asked for.
    var addresses: [[UInt8]] = []

    /// As a message.
    ///
    /// - Parameter limit: Of bytes; addresses beyond are left out, and the message says so. Nil: none.
    func message(for query: DNSQuery, limit: Int?) -> [UInt8] {
        let tail = query.hasExtension ? Self.extensionRecord : []
        var records: [[UInt8]] = []
        var owner: [UInt8] = [0xC0, 12]
        if let alias {
            let target = Self.encoded(alias)
            records.append(Self.record(owner, kind: 5, target))
            owner = target
        }
        let kind: UInt16 = query.kind == .aaaa ? 28 : 1
        records += addresses.map { Self.record(owner, kind: kind, $0) }
        var size = 12 + query.question.count + tail.count
        var count = 0
        for record in records {
            if let limit, size + record.count > limit { break }
            size += record.count
            count += 1
        }
        let isTruncated = count < records.count
        // A response with authority that offers recursion, as it was asked for.
        var head = query.identifier
        head.append(0x84 | (isTruncated ? 0x02 : 0) | (query.message[2] & 0x01))
        head.append(0x80 | code.rawValue)
        head += [0, 1, UInt8(count >> 8), UInt8(count & 0xFF), 0, 0, 0, query.hasExtension ? 1 : 0]
        return head + query.question + records[..<count].joined() + tail
    }

    private static let extensionRecord: [UInt8] = [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]

    private static func record(_ owner: [UInt8], kind: UInt16, _ data: [UInt8]) -> [UInt8] {
        let ttl = timeToLive
        return owner
            + [
                UInt8(kind >> 8), UInt8(kind & 0xFF), 0, 1, UInt8(ttl >> 24), UInt8(ttl >> 16 & 0xFF),
                UInt8(ttl >> 8 & 0xFF), UInt8(ttl & 0xFF), UInt8(data.count >> 8), UInt8(data.count & 0xFF),
            ] + data
    }

    private static func encoded(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8(min($0.utf8.count, 63))] + Array($0.utf8.prefix(63)) } + [0]
    }
}

extension NameTable {
    /// What the table says of a question; nil: nothing, others have to be asked.
    ///
    /// - Parameters:
    ///   - search: The domains that programs add to short names.
    ///   - turn: Addresses are given in another order at each turn.
    func answer(to query: DNSQuery, search: [String], turn: Int) -> DNSAnswer? {
        guard let (host, alias) = find(query.name, search) else { return nil }
        var answer = DNSAnswer()
        switch query.kind {
        case .a: answer.addresses = Self.rotated(host.ipv4, turn)
        case .aaaa: answer.addresses = Self.rotated(host.ipv6, turn)
        case .other: return nil
        }
        // A name without addresses of this family is there: that is said without an alias or records.
        if !answer.addresses.isEmpty { answer.alias = alias }
        return answer
    }

    /// The host of a name, or of the name before a search domain was added to it: then an alias leads to it.
    private func find(_ name: String, _ search: [String]) -> (Host, alias: String?)? {
        if let host = hosts[name] { return (host, nil) }
        // The first domain alone: programs try it first, and others may make names of hosts that are none.
        if let domain = search.first, name.hasSuffix("." + domain) {
            let short = String(name.dropLast(domain.utf8.count + 1))
            if let host = hosts[short], !short.isEmpty { return (host, short) }
        }
        // Only now: what is there under its own name is not what a pattern means.
        for pattern in DomainName.patterns(for: name) { if let host = hosts[pattern] { return (host, nil) } }
        return nil
    }

    private static func rotated(_ addresses: [[UInt8]], _ turn: Int) -> [[UInt8]] {
        guard addresses.count > 1 else { return addresses }
        let start = turn % addresses.count
        return Array(addresses[start...] + addresses[..<start])
    }
}
