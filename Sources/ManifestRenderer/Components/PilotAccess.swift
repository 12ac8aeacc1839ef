package import KubernetesModel

/// Whose needs the control plane's roles are cut to.
package enum ControlPlaneRoles: String, Hashable, Sendable, CaseIterable {
    /// Exactly what this project's own control plane watches and writes, no more.
    case derived
    /// What Istio's needs, whose image can then take its place.
    case istio
}

/// What the control plane may do: exactly what it watches and writes, no more.
///
/// - Returns: The rules of its ClusterRole, and of its Role in its own namespace.
package func controlPlaneAccess() -> (cluster: [AccessRule], namespace: [AccessRule]) {
    let cluster = [
        AccessRule(apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"]),
        // What the mesh is made of, and how it is configured.
        AccessRule(
            apiGroups: [""], resources: ["services", "endpoints", "pods", "nodes"], verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"],
            verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["networking.istio.io"],
            resources: [
                "destinationrules", "envoyfilters", "gateways", "proxyconfigs", "serviceentries", "sidecars",
                "virtualservices", "workloadentries", "workloadgroups",
            ], verbs: ["get", "list", "watch"]),
        // Machines outside of Kubernetes register themselves.
        AccessRule(
            apiGroups: ["networking.istio.io"], resources: ["workloadentries"], verbs: ["create", "delete", "update"]),
        AccessRule(
            apiGroups: ["security.istio.io"],
            resources: ["authorizationpolicies", "peerauthentications", "requestauthentications"],
            verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["telemetry.istio.io"], resources: ["telemetries"], verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["extensions.istio.io"], resources: ["trafficextensions", "wasmplugins"],
            verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"],
            verbs: ["get", "list", "watch"]),
        // Where Ingresses are reached is told in their status.
        AccessRule(apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["patch"]),
        // Certificates of gateways, in whatever namespace these run.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"]),
        // What is wrong with configuration is told in its status.
        AccessRule(
            apiGroups: ["networking.istio.io"],
            resources: [
                "destinationrules/status", "envoyfilters/status", "gateways/status", "proxyconfigs/status",
                "serviceentries/status", "sidecars/status", "virtualservices/status", "workloadentries/status",
                "workloadgroups/status",
            ], verbs: ["patch"]),
        AccessRule(
            apiGroups: ["security.istio.io"],
            resources: [
                "authorizationpolicies/status", "peerauthentications/status", "requestauthentications/status",
            ], verbs: ["patch"]),
        AccessRule(apiGroups: ["telemetry.istio.io"], resources: ["telemetries/status"], verbs: ["patch"]),
        AccessRule(
            apiGroups: ["extensions.istio.io"], resources: ["trafficextensions/status", "wasmplugins/status"],
            verbs: ["patch"]),
        // The mesh's root certificate is applied to every namespace.
        AccessRule(apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"]),
        // Of its revision: they are told its certificate, and refuse once its server answers.
        AccessRule(
            apiGroups: ["admissionregistration.k8s.io"],
            resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            verbs: ["get", "list", "patch", "watch"]),
        // Who its clients are, and what they may see of it.
        AccessRule(apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"]),
        AccessRule(apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"]),
    ]
    let namespace = [
        // Where the mesh's root key lies. A rule for `create` cannot name its object.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["create"]),
        AccessRule(
            apiGroups: [""], resources: ["secrets"], resourceNames: ["cacerts", "istio-ca-secret"], verbs: ["get"]),
        AccessRule(
            apiGroups: [""], resources: ["secrets"], resourceNames: ["istio-ca-secret"], verbs: ["update"]),
        // Leader election.
        AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"]),
        // A rehearsal, never stored, of whether its webhook refuses what is wrong.
        AccessRule(apiGroups: ["networking.istio.io"], resources: ["gateways"], verbs: ["create"]),
    ]
    return (cluster, namespace)
}

/// What the control plane may do besides where signers of Kubernetes sign for workloads.
///
/// - Parameter signers: Full names, such as `example.com/mesh`, or `example.com/*`.
package func certificateSigningAccess(signers: [String]) -> [AccessRule] {
    let group = ["certificates.k8s.io"]
    return [
        AccessRule(apiGroups: group, resources: ["certificatesigningrequests"], verbs: ["create", "delete", "get"]),
        AccessRule(apiGroups: group, resources: ["certificatesigningrequests/approval"], verbs: ["update"]),
        AccessRule(apiGroups: group, resources: ["signers"], resourceNames: signers, verbs: ["approve"]),
    ]
}

/// What control planes of other clusters may do, that Secrets let in with the reader's account.
///
/// - Parameters:
///   - isControlled: One of them looks after this cluster: it publishes the mesh's root here, and tells it to the
///     webhook configurations.
///   - revision: Of the control planes; empty: the unnamed one.
package func readerAccess(isControlled: Bool, revision: String = "") -> [AccessRule] {
    let read = ["get", "list", "watch"]
    let rules = [
        AccessRule(apiGroups: [""], resources: ["services", "endpoints", "pods", "nodes", "namespaces"], verbs: read),
        AccessRule(apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read),
        AccessRule(apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"]),
        // Certificates of gateways that run here, for those whose ServiceAccounts may read them.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: read),
        AccessRule(apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"]),
    ]
    guard isControlled else { return rules }
    return rules + [
        AccessRule(apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"]),
        AccessRule(
            apiGroups: ["admissionregistration.k8s.io"],
            resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            verbs: ["get", "list", "patch", "watch"]),
        // Control planes of several clusters agree which of them does what: a Lease for all, and one for each revision.
        AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"]),
        AccessRule(
            apiGroups: ["coordination.k8s.io"], resources: ["leases"],
            resourceNames: [
                "istio-remote-namespace-controller-election",
                "istio-remote-webhook-controller-election\(revision.isEmpty ? "" : "-\(revision)")",
            ], verbs: ["get", "update"]),
    ]
}

/// What a gateway's Pods may do in their namespace: read the certificates of its listeners.
package func gatewayAccess() -> [AccessRule] {
    [AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"])]
}

/// Every rule that the rendered roles of control plane, reader and gateways grant, and with Istio's images those of the
/// programs on the nodes. Whoever applies the roles has to hold all of them himself.
package func controlPlaneGrants(_ roles: ControlPlaneRoles = .derived) -> [AccessRule] {
    let access = PilotAccess(roles, options: Set(PilotAccess.Option.allCases), certificateSigners: [])
    let controlPlane = access.controller + access.gateways + access.local + access.reader + gatewayAccess()
    return roles == .istio ? controlPlane + nodeGrants() : controlPlane
}

/// The rules of the control plane's roles, and of the role that control planes of other clusters read this one with.
struct PilotAccess: Hashable, Sendable {
    /// What a setting adds to Istio's rules.
    enum Option: Hashable, Sendable, CaseIterable {
        /// Analyzers write what they find into the statuses of the mesh's configuration.
        case analysis
        /// Nodes lose their taint once the CNI plugin runs on them.
        case untaint
        /// Certificates are signed through the cluster's own API.
        case certificateSigning
        /// The mesh's root is published as a ClusterTrustBundle.
        case trustBundles
        /// A control plane elsewhere looks after this cluster's webhooks and root certificates.
        case remoteControl
    }

    /// Of the whole cluster.
    var controller: [AccessRule]
    /// Of the whole cluster, for the Deployments that gateways of the Gateway API run in.
    var gateways: [AccessRule]
    /// Of the control plane's namespace.
    var local: [AccessRule]
    /// Of the whole cluster, for other clusters' control planes.
    var reader: [AccessRule]

    /// - Parameters:
    ///   - roles: Whose needs the rules are cut to.
    ///   - options: What the settings ask for.
    ///   - certificateSigners: Names of the signers that it may approve requests for. With Istio's rules none stands for
    ///     any; with this project's for none, for who may approve any request may make himself anybody.
    ///   - revision: Empty for the unnamed one.
    init(
        _ roles: ControlPlaneRoles, options: Set<Option>, certificateSigners: [String], revision: String = ""
    ) {
        switch roles {
        case .derived:
            let access = controlPlaneAccess()
            controller = access.cluster
            if options.contains(.certificateSigning), !certificateSigners.isEmpty {
                controller += certificateSigningAccess(signers: certificateSigners)
            }
            gateways = []
            local = access.namespace
            reader = readerAccess(isControlled: options.contains(.remoteControl), revision: revision)
        case .istio:
            controller = istioControllerRules(options, certificateSigners: certificateSigners)
            gateways = istioGatewayControllerRules()
            local = istioLocalRules()
            reader = istioReaderRules(options)
        }
    }
}
