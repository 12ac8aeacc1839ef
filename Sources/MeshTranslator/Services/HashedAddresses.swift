package import MeshModel

/// Virtual IPs of hosts that have none, by the hash of their names: every control plane finds the same ones, and the same
/// as Istio's. They are in ranges that nobody uses, 240.240.0.0/16 and 2001:2::/48.
///
/// A place that is taken moves the younger host on, by steps that follow from its hash too. All definitions of one host in
/// a namespace share the first of their places.
package func hashedAddresses(of entries: [ServiceEntry]) -> [ServiceKey: [String]] {
    let wanting = entries.filter { $0.addresses.isEmpty && $0.addressRanges.isEmpty && $0.resolution != .none }
        .sorted { $0.origin < $1.origin }
    guard !wanting.isEmpty else { return [:] }
    var places: [Int: ServiceKey] = [:]
    for entry in wanting {
        for host in entry.hosts where !host.hasPrefix("*") && places.count < placeCount {
            let key = ServiceKey(hostname: host, namespace: entry.origin.namespace)
            places[freePlace(for: key, places)] = key
        }
    }
    var addresses: [ServiceKey: [String]] = [:]
    // No address ends in 0: what comes after one that would moves on by one.
    var shift = 1
    for (place, key) in places.sorted(by: { $0.key < $1.key }) {
        if (place + shift) % 255 == 0 { shift += 1 }
        if addresses[key] == nil { addresses[key] = addressPair(place + shift) }
    }
    return addresses
}

private let placeCount = 65024
private let largestPrime: UInt32 = 65011

private func freePlace(for key: ServiceKey, _ places: [Int: ServiceKey]) -> Int {
    let hash = fnv1a("\(key.namespace)/\(key.hostname)")
    let first = Int(hash % UInt32(placeCount))
    guard places[first] != nil else { return first }
    let step = largestPrime - hash % largestPrime
    var tried = hash
    // There is a free one, but the steps need not come by it.
    for _ in 0..<placeCount {
        tried &+= step
        let place = Int(tried % UInt32(placeCount - 1))
        if places[place] == nil { return place }
    }
    return (0..<placeCount).first { places[$0] == nil } ?? first
}

func fnv1a(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811c_9dc5) { hash, byte in (hash ^ UInt32(byte)) &* 0x0100_0193 }
}

private func addressPair(_ number: Int) -> [String] {
    let high = number / 255
    let low = number % 255
    let suffix = high == 0 ? String(low, radix: 16) : String(high, radix: 16) + String(low, radix: 16)
    return ["240.240.\(high).\(low)", "2001:2::f0f0:\(suffix)"]
}
