import CertificateService
package import KubernetesModel
import MeshObservation

/// What the control plane may do in a cluster: what it watches and writes, no more.
package enum ControlPlaneAccess {
    /// Needed in every namespace.
    package static let clusterRules: [AccessRule] = [
        // Where to publish the root, and whether it is still there.
        AccessRule(apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"]),
        // What the mesh is made of.
        AccessRule(
            apiGroups: [""], resources: ["services", "endpoints", "pods", "nodes"], verbs: ["get", "list", "watch"]),
        AccessRule(
            apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"]),
        // How people configure it: kinds are watched once they are installed.
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
        // What is wrong with objects is told in their status.
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
        AccessRule(apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"]),
        AccessRule(
            apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"],
            verbs: ["get", "list", "watch"]),
        // Where Ingresses are reached is told in their status.
        AccessRule(apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["patch"]),
        // Certificates of gateways, wherever these run; each is sent those of its own namespace alone.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"]),
        // Webhook configurations of its revision: whose certificate its server has, and that it answers.
        AccessRule(
            apiGroups: ["admissionregistration.k8s.io"],
            resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            verbs: ["get", "list", "patch", "watch"]),
        // Whose the tokens of proxies and of people's tools are, and who may see below /debug.
        AccessRule(apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"]),
        AccessRule(apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"]),
    ]

    /// Needed besides where signers of Kubernetes sign for workloads (EXTERNAL_CA): granted for those that are named alone,
    /// for who may approve requests decides whom a cluster's other certificates name.
    ///
    /// - Parameter signers: Full names, such as `example.com/mesh`.
    package static func signingRules(signers: [String]) -> [AccessRule] {
        [
            AccessRule(
                apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests"],
                verbs: ["create", "delete", "get"]),
            AccessRule(
                apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests/approval"],
                verbs: ["update"]),
            AccessRule(
                apiGroups: ["certificates.k8s.io"], resources: ["signers"], resourceNames: signers, verbs: ["approve"]),
        ]
    }

    /// Needed in other clusters of the mesh, of the account that a Secret with `istio/multiCluster=true` lets it in with.
    ///
    /// - Parameters:
    ///   - isControlled: The cluster is looked after from here: it gets the mesh's root, and its webhook
    ///   configurations are told that too.
    ///   - revision: Of the control planes; empty: the unnamed one.
    package static func readerRules(isControlled: Bool, revision: String = "") -> [AccessRule] {
        // What that cluster adds to the mesh; and which Pods run on the node of a proxy that speaks for them.
        let read = [
            AccessRule(
                apiGroups: [""], resources: ["services", "endpoints", "pods", "nodes", "namespaces"],
                verbs: ["get", "list", "watch"]),
            AccessRule(
                apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"]),
            // Whose the tokens of its proxies are.
            AccessRule(apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"]),
            // Certificates of its gateways, for those whose ServiceAccounts may read them there.
            AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"]),
            AccessRule(apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"]),
        ]
        guard isControlled else { return read }
        return read + [
            AccessRule(
                apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"]),
            AccessRule(
                apiGroups: ["admissionregistration.k8s.io"],
                resources: ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
                verbs: ["get", "list", "patch", "watch"]),
            // Control planes of several clusters agree which of them does what.
            AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"]),
            AccessRule(
                apiGroups: ["coordination.k8s.io"], resources: ["leases"],
                resourceNames: [RootPublishing.remotePublisherLease, RemoteLease.webhooks(revision: revision)],
                verbs: ["get", "update"]),
        ]
    }

    /// Needed in its own namespace.
    package static let namespaceRules: [AccessRule] = [
        // The mesh's root: read one of two, or make the second, and replace that in time.
        AccessRule(apiGroups: [""], resources: ["secrets"], verbs: ["create"]),
        AccessRule(
            apiGroups: [""], resources: ["secrets"], resourceNames: ["cacerts", "istio-ca-secret"], verbs: ["get"]),
        AccessRule(
            apiGroups: [""], resources: ["secrets"], resourceNames: ["istio-ca-secret"], verbs: ["update"]),
        AccessRule(apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"]),
        // A rehearsal, never stored, of whether its webhook refuses what is wrong.
        AccessRule(apiGroups: ["networking.istio.io"], resources: ["gateways"], verbs: ["create"]),
    ]
}
