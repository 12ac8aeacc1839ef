import KubernetesModel
package import MeshModel

/// What a Service means to the mesh.
///
/// - Parameter namespace: Where it is, as far as it is known.
/// - Returns: No value for a Service that cannot be called at all. Ports that make no sense are left out.
package func meshService(
    of object: ServiceObject, in settings: MeshSettings, namespace: NamespaceObject? = nil
) -> Translated<MeshService?> {
    let meta = object.metadata
    let spec = object.spec ?? ServiceObject.Spec()
    var reading = ServiceReading(object: object, spec: spec)
    guard isLabel(meta.name) else {
        let message = "is \"\(meta.name)\", and must be lower-case letters, digits and -, at most 63"
        return Translated(nil, diagnostics: [Diagnostic(path: "metadata.name", message: message)])
    }
    guard let resolution = reading.resolution() else { return Translated(nil, diagnostics: reading.diagnostics) }

    var service = MeshService(
        name: meta.name, namespace: meta.namespace,
        hostname: "\(meta.name).\(meta.namespace).svc.\(settings.clusterDomain)",
        resolution: resolution, ports: reading.ports())
    if resolution == .endpoints {
        service.addresses = uniqued((spec.clusterIPs ?? []) + [spec.clusterIP ?? ""]).filter { $0 != "None" }
    }
    service.externalAddresses = uniqued(
        (object.status?.loadBalancer?.ingress ?? []).flatMap { [$0.ip ?? "", $0.hostname ?? ""] }
            + (spec.externalIPs ?? []))
    service.visibility = reading.visibility(byDefault: settings.defaultServiceVisibility)
    service.labels = meta.labels
    service.selector = spec.selector ?? [:]
    service.created = meta.creationTimestamp
    service.sessionAffinity = reading.sessionAffinity()
    service.isNodeLocal = spec.internalTrafficPolicy == "Local"
    service.trafficDistribution = reading.trafficDistribution(byDefault: namespace?.trafficDistribution)
    service.publishesNotReadyAddresses = spec.publishNotReadyAddresses ?? false
    service.subjectAltNames = reading.subjectAltNames(trustDomain: settings.trustDomain)
    return Translated(service, diagnostics: reading.diagnostics)
}

/// The texts that are not empty, each once, in their order.
private func uniqued(_ texts: [String]) -> [String] {
    var seen: Set<String> = [""]
    return texts.filter { seen.insert($0).inserted }
}

/// Whether a text can be a label of a host name.
private func isLabel(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
}
