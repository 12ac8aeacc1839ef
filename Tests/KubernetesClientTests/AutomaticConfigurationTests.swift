import Testing

@testable import KubernetesClient

/// Which credentials a program takes that is told nothing.
@Suite struct AutomaticConfigurationTests {
    let folder: TemporaryFolder
    let pod = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443", "HOME": "/nowhere"]

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("a token", to: "token")
        try folder.write("the roots", to: "ca.crt")
        try folder.write("team", to: "namespace")
    }

    private func server(_ kubeconfig: String?) throws -> String {
        try ClientConfiguration.automatic(
            serviceAccount: folder.path, environment: pod.merging(kubeconfig.map { ["KUBECONFIG": $0] } ?? [:]) { $1 }
        ).server
    }

    private func writeKubeconfig() throws -> String {
        try folder.write(
            "{current-context: m, clusters: [{name: c, cluster: {server: 'https://k'}}], "
                + "contexts: [{name: m, context: {cluster: c}}]}", to: "config")
    }

    /// Manifests name a file in $KUBECONFIG that an optional Secret may bring, or not.
    @Test func inAPodAMissingFileMeansThePodsOwnAccount() throws {
        #expect(try server("/var/run/secrets/remote/config-that-is-not-there") == "https://10.96.0.1:443")
        #expect(try server("/not/there:/nor/there") == "https://10.96.0.1:443")
        #expect(try server("") == "https://10.96.0.1:443")
        #expect(try server(nil) == "https://10.96.0.1:443")
    }

    @Test func aFileThatIsThereWins() throws {
        let file = try writeKubeconfig()
        #expect(try server(file) == "https://k")
        #expect(try server("/not/there:\(file)") == "https://k")
    }

    /// A file that is there and wrong is the user's mistake to mend, not one to pass over.
    @Test func aFileThatIsWrongIsNotPassedOver() throws {
        let file = try folder.write("clusters: [", to: "broken")
        let error = #expect(throws: KubeConfigError.self) { try server(file) }
        #expect(error?.file == file)
    }

    /// A file that is named as an argument must be there.
    @Test func aMissingArgumentIsNotPassedOver() throws {
        #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.automatic(
                kubeconfig: "/not/there", serviceAccount: folder.path, environment: pod)
        }
    }

    @Test func outsideAPodAMissingFileIsNamed() throws {
        let error = #expect(throws: KubeConfigError.self) {
            try ClientConfiguration.automatic(
                serviceAccount: folder.path, environment: ["KUBECONFIG": "/not/there", "HOME": "/nowhere"])
        }
        #expect(error?.description.contains("/not/there") == true)
    }
}
