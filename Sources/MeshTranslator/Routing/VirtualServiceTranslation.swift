import IstioAPI
import KubernetesModel
import MeshModel

/// What a VirtualService means to the mesh.
///
/// - Returns: No value for one with any error: half of the rules could send traffic elsewhere than meant.
func virtualService(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<VirtualService?> {
    var reading = VirtualServiceReading(object, settings)
    // Of values of wrong types nothing more can be said.
    guard !reading.diagnostics.hasErrors else { return Translated(nil, diagnostics: reading.diagnostics) }
    let spec = object.spec
    var service = VirtualService(
        origin: object.origin, hosts: reading.hosts(spec["hosts"], at: "spec.hosts"),
        gateways: reading.gateways(spec["gateways"], at: "spec.gateways"))
    let exportTo = spec["exportTo"]?.strings ?? []
    service.visibility = Visibility(
        exportTo: exportTo.isEmpty ? settings.defaultVirtualServiceVisibility : exportTo,
        in: object.metadata.namespace)
    service.http = reading.rules(spec["http"], at: "spec.http") { $0.httpRule($1, at: $2) }
    service.tls = reading.rules(spec["tls"], at: "spec.tls") { $0.tlsRule($1, at: $2, hosts: service.hosts) }
    service.tcp = reading.rules(spec["tcp"], at: "spec.tcp") { $0.tcpRule($1, at: $2) }
    reading.check(service, spec)
    guard !reading.diagnostics.hasErrors else { return Translated(nil, diagnostics: reading.diagnostics) }
    return Translated(service, diagnostics: reading.diagnostics)
}

/// Reads the parts of one VirtualService, and gathers what is wrong about them.
struct VirtualServiceReading {
    let namespace: String
    private let settings: MeshSettings
    private var spec: SpecReading

    var diagnostics: [Diagnostic] { spec.diagnostics }

    init(_ object: ConfigurationObject, _ settings: MeshSettings) {
        namespace = object.metadata.namespace
        self.settings = settings
        spec = SpecReading(object, Schema.virtualServiceSpec)
    }

    mutating func report(_ path: String, _ message: String) { report(.error, path, message) }

    mutating func report(_ severity: Diagnostic.Severity, _ path: String, _ message: String) {
        spec.diagnostics.append(Diagnostic(severity, path: path, message: message))
    }

    /// The elements of a list that make sense.
    mutating func rules<Rule>(
        _ json: JSONValue?, at path: String,
        _ rule: (inout VirtualServiceReading, JSONValue, String) -> Rule?
    ) -> [Rule] {
        (json?.array ?? []).enumerated().compactMap { index, json in
            rule(&self, json, FieldPath.element(index, of: path))
        }
    }

    // MARK: - Whom it is about

    mutating func hosts(_ json: JSONValue?, at path: String) -> [String] {
        var known: Set<String> = []
        return (json?.strings ?? []).enumerated().compactMap { index, text in
            let path = FieldPath.element(index, of: path)
            let host = completeHost(text)
            guard isHostOrPartialPattern(host) else {
                report(
                    path,
                    "is \"\(text)\", and must be a host such as a.example.com, *.example.com or *, or an IP address")
                return nil
            }
            if !isHostOrPattern(host) {
                report(.warning, path, "is \"\(text)\", which no service of the mesh is looked up by; write *. instead")
            }
            if !known.insert(host).inserted { report(path, "is \"\(text)\" once more") }
            return host
        }
    }

    /// A name without a dot is that of a service in the object's own namespace; one that ends with a dot is whole.
    func completeHost(_ text: String) -> String {
        let host = text.lowercased().withoutFinalDot
        if host.utf8.count != text.utf8.count { return host }
        guard !host.isEmpty, !host.contains("."), !host.contains(":"), !host.contains("*") else { return host }
        return settings.completedHost(host, namespace: namespace)
    }

    mutating func gateways(_ json: JSONValue?, at path: String) -> [String] {
        let names = gatewayNames(json, at: path)
        return names.isEmpty ? [VirtualService.mesh] : names
    }

    /// As `namespace/name`, or `mesh`. A name with dots is that of a Gateway as if it were a host:
    /// `name.namespace.svc.cluster.local`.
    mutating func gatewayNames(_ json: JSONValue?, at path: String) -> [String] {
        (json?.strings ?? []).enumerated().compactMap { index, text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, isHostName(parts[parts.count - 1]),
                parts.count == 1 || parts[0] == "." || isHostName(parts[0])
            else {
                report(
                    FieldPath.element(index, of: path),
                    "is \"\(text)\", and must be mesh, the name of a Gateway, or namespace/name")
                return nil
            }
            if text == VirtualService.mesh { return text }
            if parts.count == 2 { return "\(parts[0] == "." ? namespace : parts[0])/\(parts[1])" }
            let labels = text.split(separator: ".", maxSplits: 2)
            return labels.count > 1 ? "\(labels[1])/\(labels[0])" : "\(namespace)/\(text)"
        }
    }

    // MARK: - The whole

    mutating func check(_ service: VirtualService, _ spec: JSONValue) {
        let rules = ["http", "tls", "tcp"].filter { spec[$0]?.array?.isEmpty == false }
        if rules.isEmpty { report("spec", "has no rules: one of http, tls and tcp is required") }
        if (spec["hosts"]?.array ?? []).isEmpty {
            checkDelegate(service, spec)
        } else if service.hosts.contains("*"), service.gateways.contains(VirtualService.mesh) {
            report(
                "spec.hosts",
                "has *, which would be all hosts for all sidecars; name hosts, or gateways other than mesh")
        }
    }

    private mutating func checkDelegate(_ service: VirtualService, _ spec: JSONValue) {
        if spec["gateways"]?.array?.isEmpty == false {
            report("spec.hosts", "is required; only without gateways can rules wait for others to delegate to them")
        }
        for field in ["tls", "tcp"] where spec[field]?.array?.isEmpty == false {
            report("spec.\(field)", "cannot be delegated to; only http can. Or name hosts")
        }
        for (index, rule) in service.http.enumerated() where rule.delegate != nil {
            report(
                "\(FieldPath.element(index, of: "spec.http")).delegate",
                "cannot delegate on: this object has no hosts, and is delegated to itself")
        }
    }
}

/// Also a pattern whose asterisk stands for a part of a name, such as `*example.com`.
func isHostOrPartialPattern(_ text: String) -> Bool {
    if isHostOrPattern(text) { return true }
    guard text.hasPrefix("*") else { return false }
    let rest = text.dropFirst()
    return isHostName(String(rest.hasPrefix("-") ? rest.dropFirst() : rest))
}

/// Whether a text can be a host: a name, an address, or a pattern with an asterisk at its beginning.
func isHostOrPattern(_ text: String) -> Bool {
    if text == "*" || AddressRange(text) != nil { return !text.contains("/") }
    return isHostName(text.hasPrefix("*.") ? String(text.dropFirst(2)) : text)
}
