/// Which signers of Kubernetes a control plane has certificates signed by, as its settings say.
struct CertificateSigning: Hashable {
    /// They sign for workloads, in place of the mesh's own authority.
    var signsWorkloads: Bool
    /// One of them signs for Istio's control plane itself.
    var signsControlPlane: Bool
    /// Those that the values name.
    var named: [String]
    /// All that requests may have to be approved for.
    var signers: [String]

    /// - Parameters:
    ///   - environment: Of the control plane.
    ///   - provider: Where its own certificate comes from, where the environment does not say.
    ///   - named: Signers that the values name.
    init(environment: [String: String], provider: String, named: [String]) {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let provider = text("PILOT_CERT_PROVIDER") ?? provider
        let signer = provider.hasPrefix("k8s.io/") ? String(provider.dropFirst("k8s.io/".count)) : ""
        signsWorkloads = text("EXTERNAL_CA") == "ISTIOD_RA_KUBERNETES_API"
        signsControlPlane = provider == "kubernetes" || !signer.isEmpty
        self.named = named
        var all = named
        if let usual = text("K8S_SIGNER") { all.append(usual) }
        // Callers name signers of this domain: those that the values do, or any.
        if let domain = text("CERT_SIGNER_DOMAIN"), !named.contains(where: { $0.hasPrefix("\(domain)/") }) {
            all.append("\(domain)/*")
        }
        signers = all.enumerated().filter { !all[..<$0.offset].contains($0.element) }.map(\.element)
    }
}
