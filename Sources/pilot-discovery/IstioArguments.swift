import ArgumentParser
import ControlPlane
import FoundationEssentials
import KubernetesModel
import Observability

/// The arguments that Istio's manifests start the control plane with.
///
/// Those of servers that this version does not have are taken and have no effect: the same manifests start both.
struct IstioArguments: ParsableArguments {
    @Option(name: .customLong("httpAddr"), help: "Address of /ready and debugging.")
    var httpAddr = ":8080"

    @Option(name: .customLong("monitoringAddr"), help: "Address of /metrics.")
    var monitoringAddr = ":15014"

    @Option(name: .customLong("httpsAddr"), help: "Address of webhooks over TLS.")
    var httpsAddr = ":15017"

    @Option(name: .customLong("grpcAddr"), help: "Address of xDS in plain text.")
    var grpcAddr = ":15010"

    @Option(name: .customLong("secureGRPCAddr"), help: "Address of xDS and the certificate authority, over TLS.")
    var secureGRPCAddr = ":15012"

    @Option(help: "DNS domain of the cluster, and the mesh's trust domain.")
    var domain = "cluster.local"

    @Option(help: "Namespace of the control plane, where $POD_NAMESPACE does not tell.")
    var namespace = "istio-system"

    @Option(help: "Kubeconfig file; a missing file means the Pod's own credentials.")
    var kubeconfig: String?

    @Option(name: .customLong("meshConfig"), help: "Mesh configuration file (not read yet).")
    var meshConfig = "./etc/istio/config/mesh"

    @Option(name: .customLong("networksConfig"), help: "Mesh networks file (not read yet).")
    var networksConfig = "./etc/istio/config/meshNetworks"

    @Option(name: .customLong("keepaliveMaxServerConnectionAge"), help: "Longest xDS connection, such as 30m.")
    var keepaliveMaxServerConnectionAge = "30m"

    @Option(name: .customLong("log_output_level"), help: "Such as default:info.")
    var logOutputLevel = "default:info"

    @Flag(name: .customLong("log_as_json"), help: "Logs as JSON even on a terminal.")
    var logAsJSON = false

    /// The kubeconfig that is given (or named by $KUBECONFIG) and there. Istio's manifests name an optional file.
    var existingKubeconfig: String? {
        kubeconfig.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
    }

    /// How old an xDS connection may become; nil: as old as it likes.
    func maximumConnectionAge() throws -> Duration? {
        guard let age = Duration(goText: keepaliveMaxServerConnectionAge) else {
            throw ValidationError(
                "'\(keepaliveMaxServerConnectionAge)' is no duration: give one such as 30m or 1h30m")
        }
        return age > .zero ? age : nil
    }

    /// Reads an address such as `:8080` or `127.0.0.1:8080`.
    func address(_ text: String) throws -> ListenAddress {
        guard let address = ListenAddress(text) else {
            throw ValidationError("'\(text)' is no address: give [HOST]:PORT, such as :8080")
        }
        return address
    }
}
