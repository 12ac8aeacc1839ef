/// What is known about the control plane and its cluster besides the ConfigMaps.
package struct InjectionFacts: Hashable, Sendable {
    /// The control plane's revision, `default` for the unnamed one.
    package var revision: String
    /// The minor version of Kubernetes on the nodes, such as 33 for 1.33; nil where it is not known.
    package var kubernetesMinor: Int?
    /// The control plane's environment variables that concern injection: `ENABLE_NATIVE_SIDECARS` (auto, true, false),
    /// `COMPLIANCE_POLICY`, `ENABLE_LEGACY_FSGROUP_INJECTION`.
    package var environment: [String: String]

    package init(revision: String = "default", kubernetesMinor: Int? = nil, environment: [String: String] = [:]) {
        self.revision = revision.isEmpty ? "default" : revision
        self.kubernetesMinor = kubernetesMinor
        self.environment = environment
    }

    /// The first minor version in which init containers with `restartPolicy: Always` are beyond doubt. From 1.29 on nodes
    /// run them, but nodes may be three versions behind what their API server says.
    static let firstMinorWithNativeSidecars = 33

    /// Whether sidecars are init containers that stay, unless a Pod says otherwise.
    var usesNativeSidecars: Bool {
        switch environment["ENABLE_NATIVE_SIDECARS"]?.lowercased() {
        case "true": true
        case "false": false
        default: kubernetesMinor.map { $0 >= InjectionFacts.firstMinorWithNativeSidecars } ?? false
        }
    }
}
