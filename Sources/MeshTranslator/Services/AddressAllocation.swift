package import KubernetesModel
package import MeshModel

/// The virtual IPs that statuses of ServiceEntries have to record and do not yet, by entry and host: an IPv4 and an IPv6
/// address each, of 240.240.0.0/16 and 2001:2::/48, which nobody uses. What is recorded stays.
///
/// Definitions of one host in a namespace share its addresses.
///
/// - Parameter entries: All there are.
package func missingAddresses(of entries: some Sequence<ServiceEntry>) -> [ObjectKey: [String: [String]]] {
    let wanting = entries.filter(\.mayBeGivenAddresses).sorted { $0.origin < $1.origin }
    var allocation = AddressAllocation()
    for entry in wanting {
        for host in entry.hosts { allocation.note(entry.allocatedAddresses[host] ?? [], of: host, in: entry) }
    }
    var missing: [ObjectKey: [String: [String]]] = [:]
    for entry in wanting {
        let addresses = Dictionary(
            entry.hosts.map { ($0, allocation.addresses(of: $0, in: entry)) }, uniquingKeysWith: { first, _ in first })
        if addresses != entry.allocatedAddresses { missing[entry.origin.reference.key] = addresses }
    }
    return missing
}

/// Places of the range by host: those that are recorded, and then new ones.
private struct AddressAllocation {
    private var places: [ServiceKey: Int] = [:]
    private var taken: Set<Int> = []

    /// No address ends in 0 or 255.
    private static let count = 256 * 254

    mutating func note(_ addresses: [String], of host: String, in entry: ServiceEntry) {
        guard let recorded = addresses.lazy.compactMap({ IPAddress($0) }).first(where: { !$0.isIPv6 }),
            recorded.bytes.starts(with: [240, 240]), (1...254).contains(recorded.bytes[3])
        else { return }
        let place = Int(recorded.bytes[2]) * 254 + Int(recorded.bytes[3]) - 1
        let key = ServiceKey(hostname: host, namespace: entry.origin.namespace)
        // Of several that say they have one address the oldest has it.
        guard places[key] == nil, taken.insert(place).inserted else { return }
        places[key] = place
    }

    mutating func addresses(of host: String, in entry: ServiceEntry) -> [String] {
        let key = ServiceKey(hostname: host, namespace: entry.origin.namespace)
        if places[key] == nil, taken.count < Self.count {
            var place = Int(fnv1a("\(key.namespace)/\(key.hostname)")) % Self.count
            while !taken.insert(place).inserted { place = (place + 1) % Self.count }
            places[key] = place
        }
        guard let place = places[key] else { return [] }
        let (high, low) = (UInt8(place / 254), UInt8(place % 254 + 1))
        let sixth: [UInt8] = [0x20, 0x01, 0, 2] + [UInt8](repeating: 0, count: 8) + [0xf0, 0xf0, high, low]
        return [IPAddress(bytes: [240, 240, high, low]).description, IPAddress(bytes: sixth).description]
    }
}
