import IstioAPI
import KubernetesModel
import MeshModel

/// A ServiceEntry.
///
/// - Returns: No value for one with any error: half of a service could send calls elsewhere than meant.
func serviceEntry(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<ServiceEntry?> {
    var reading = SpecReading(object, .serviceEntrySpec)
    let spec = object.spec
    let resolution = reading.resolution(spec["resolution"])
    let isExternal = spec["location"]?.string != "MESH_INTERNAL"
    let hosts = reading.hosts(spec["hosts"], resolution: resolution, hasEndpoints: !spec.isEmptyList("endpoints"))
    var entry = ServiceEntry(
        origin: object.origin, hosts: hosts, ports: reading.servicePorts(spec["ports"]), resolution: resolution)
    entry.isExternal = isExternal
    reading.addresses(spec["addresses"], into: &entry)
    entry.endpoints = reading.endpoints(spec["endpoints"], of: object, for: entry, in: settings)
    if let selector = spec["workloadSelector"] {
        entry.workloadSelector = (selector["labels"] ?? .null).stringMap
        if entry.workloadSelector?.isEmpty ?? true {
            reading.report(.warning, "spec.workloadSelector.labels", "is empty, and selects no workloads")
        }
        if !spec.isEmptyList("endpoints") {
            reading.report("spec.workloadSelector", "cannot go with endpoints; choose one of them")
        }
    }
    let exportTo = (spec["exportTo"] ?? .null).strings
    entry.visibility = Visibility(
        exportTo: exportTo.isEmpty ? settings.defaultServiceVisibility : exportTo, in: object.metadata.namespace)
    entry.subjectAltNames = (spec["subjectAltNames"] ?? .null).strings
    entry.labels = object.metadata.labels
    entry.trafficDistribution =
        object.metadata.annotations[TrafficDistribution.annotation]
        .flatMap { TrafficDistribution(word: $0) } ?? .any
    if entry.mayBeGivenAddresses, settings.recordsAllocatedAddresses {
        entry.allocatedAddresses = recordedAddresses(object.status)
    }
    return reading.translated(entry)
}

/// What the status says that hosts were given: an address of each family at most, IPv4 first.
private func recordedAddresses(_ status: JSONValue) -> [String: [String]] {
    var byHost: [String: [IPAddress]] = [:]
    for entry in status["addresses"]?.array ?? [] {
        guard let address = entry["value"]?.string.flatMap({ IPAddress($0) }) else { continue }
        byHost[entry["host"]?.string?.lowercased() ?? "", default: []].append(address)
    }
    return byHost.mapValues { addresses in
        ([addresses.first { !$0.isIPv6 }, addresses.first { $0.isIPv6 }]).compactMap { $0?.description }
    }
}

extension ServiceEntry {
    /// Whether its hosts get virtual IPs: they have none, and a connection to an address would not tell where to go.
    package var mayBeGivenAddresses: Bool {
        addresses.isEmpty && addressRanges.isEmpty && resolution != .none
            && labels["networking.istio.io/enable-autoallocate-ip"] != "false"
            && !hosts.contains { $0.hasPrefix("*") && resolution != .dynamicDNS }
    }
}

extension JSONValue {
    fileprivate func isEmptyList(_ field: String) -> Bool { self[field]?.array?.isEmpty ?? true }
}
