import AdmissionWebhook
import CertificateAuthority
import CertificateService
package import ControllerRuntime
import DebugPages
package import DiscoveryServer
package import EnvoyTranslator
package import KubernetesModel
import MeshControllers
import MeshModel
package import Observability
package import XDSServer

/// How one replica of the control plane runs.
package struct ControlPlaneConfiguration: Hashable, Sendable {
    /// Where it runs and keeps its Secrets and Leases.
    package var namespace: String
    /// Unique among replicas: the Pod's name.
    package var identity: String
    /// `default` for the unnamed one.
    package var revision = "default"
    /// The mesh's SPIFFE trust domain.
    package var trustDomain = "cluster.local"
    /// The suffix of Services' host names.
    package var clusterDomain = "cluster.local"
    /// What the cluster is called that it runs in.
    package var clusterID = "Kubernetes"
    /// Of the process: it switches some of what a mesh does on and off, under Istio's names.
    package var environment: [String: String] = [:]
    package var leaseTiming = LeaseTiming.standard

    /// Where xDS is served in plain text; nil: nowhere.
    package var plainAddress: ListenAddress?
    /// Where xDS is served over TLS; nil: nowhere.
    package var secureAddress: ListenAddress?
    /// Where webhooks are served over TLS; nil: nowhere.
    package var webhookAddress: ListenAddress?
    /// How webhooks go from one root to the next.
    package var webhookRoots = WebhookRootTiming()
    /// What clients of xDS may cost.
    package var limits = DiscoveryLimits()
    /// A stream older than this is handed over to whichever replica its client finds next; nil: never.
    package var maximumStreamAge: Duration? {
        get { limits.stream.maximumAge }
        set { limits.stream.maximumAge = newValue }
    }
    /// What decides resources besides the mesh and the proxy.
    package var translation = TranslationSettings()
    /// How long changes wait for others.
    package var debounce = {
        var timing = Debounce<ObjectReference>.Timing()
        // An edit costs what it touches: there is less to be saved by waiting for the next one than elsewhere.
        timing.quietPeriod = .milliseconds(40)
        return timing
    }()
    /// How long what a class of proxies is sent is kept up to date after the last of them has gone.
    package var retention = Duration.seconds(60)

    package init(namespace: String, identity: String) {
        self.namespace = namespace
        self.identity = identity
    }

    /// What it says of itself to people.
    var site: DebugSite {
        let unsafe = environment["UNSAFE_ENABLE_ADMIN_ENDPOINTS"]?.lowercased()
        return DebugSite(
            revision: revision, namespace: namespace, identity: identity,
            allowsUnsafe: ["true", "1", "t"].contains(unsafe))
    }

    /// What all TLS is held to; nil: nothing, or a name that the program has refused to start with.
    package var compliance: CompliancePolicy? {
        environment[CompliancePolicy.variable].flatMap(CompliancePolicy.init(rawValue:))
    }

    /// How its certificate authority works.
    var authority: AuthoritySettings { AuthoritySettings(environment: environment) }

    /// How machines outside of Kubernetes register themselves.
    var registration: RegistrationSettings {
        RegistrationSettings(environment: environment, maximumStreamAge: maximumStreamAge)
    }

    /// How a self-signed root is replaced.
    var succession: SuccessionPolicy {
        let settings = authority
        return SuccessionPolicy(
            root: SelfSignedRoot(
                trustDomain: trustDomain, lifetime: settings.rootLifetime, rsaBits: settings.rootRSABits),
            grace: settings.rootGrace, longestLeaf: settings.lifetimes.maximum,
            announcement: settings.lifetimes.standard)
    }

    /// As whom it stands for Leases.
    var election: LeaderElection { LeaderElection(namespace: namespace, identity: identity, timing: leaseTiming) }

    /// How the root is published.
    var rootPublishing: RootPublishing.Settings {
        RootPublishing.Settings(
            election: election, clusterID: clusterID, succession: succession,
            checkInterval: authority.rootCheckInterval)
    }

    /// Where the gateways run that serve Ingresses.
    var ingressNamespace: String {
        environment["K8S_INGRESS_NS"].flatMap { $0.isEmpty ? nil : $0 } ?? namespace
    }

    /// The ConfigMap with the mesh's settings.
    var meshConfig: ObjectKey {
        ObjectKey(namespace: namespace, name: revision == "default" ? "istio" : "istio-\(revision)")
    }

    /// The ConfigMap that says how Pods get their sidecars.
    var injectorConfig: ObjectKey {
        let suffix = revision == "default" ? "" : "-\(revision)"
        return ObjectKey(namespace: namespace, name: "istio-sidecar-injector\(suffix)")
    }

    /// Which webhook configurations it looks after, by Istio's variables; an empty one switches it off.
    var webhooks: WebhookUpkeep.Scope {
        WebhookUpkeep.Scope(
            revision: revision, injectionName: environment["INJECTION_WEBHOOK_CONFIG_NAME"] ?? injectorConfig.name,
            validationName: environment["VALIDATION_WEBHOOK_CONFIG_NAME"] ?? "istio-validator-\(namespace)")
    }

    /// What holds for a mesh about which the ConfigMap says nothing.
    var baseSettings: MeshSettings {
        var settings = MeshSettings()
        settings.trustDomain = trustDomain
        settings.rootNamespace = namespace
        settings.clusterDomain = clusterDomain
        settings.clusterID = clusterID
        settings.apply(environment: environment)
        return settings
    }
}
