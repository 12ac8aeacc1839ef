import CertificateAuthority
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OwnClusterTests {
    @Suite struct ControlPlaneProgramTests {}
}

/// `pilot-discovery` as a process, with the arguments of Istio's manifests.
extension OwnClusterTests.ControlPlaneProgramTests {
    private func arguments(http: Int, monitoring: Int, _ kubeconfig: String? = nil) throws -> [String] {
        let (plain, secure) = (try RunningProgram.freePort(), try RunningProgram.freePort())
        return [
            "discovery", "--monitoringAddr=127.0.0.1:\(monitoring)", "--httpAddr=127.0.0.1:\(http)",
            "--grpcAddr=127.0.0.1:\(plain)", "--secureGRPCAddr=127.0.0.1:\(secure)",
            "--log_output_level=default:info", "--domain", "cluster.local", "--keepaliveMaxServerConnectionAge", "30m",
        ] + (kubeconfig.map { ["--kubeconfig", $0] } ?? [])
    }

    private func pilotDiscovery() throws -> String { try RunningProgram.path(of: "pilot-discovery") }

    /// A kubeconfig of the control plane's account, for the time of `body`.
    private func withKubeconfig(_ site: ControlPlaneSite, _ body: (String) async throws -> Void) async throws {
        guard case .token(let token) = site.account.credential else { return }
        let roots = Data(site.account.trustRootsPEM ?? []).base64EncodedString()
        let config: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [
                [
                    "name": "c",
                    "cluster": [
                        "server": .string(site.account.server), "certificate-authority-data": .string(roots),
                    ],
                ]
            ],
            "users": [["name": "u", "user": ["token": .string(token.exposed)]]],
            "contexts": [["name": "c", "context": ["cluster": "c", "user": "u"]]],
        ]
        let file = FileManager.default.temporaryDirectory.appending(path: "apus-kubeconfig-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(config.jsonBytes).write(to: file)
        try await body(file.path)
    }

    @Test func startsServesAndEnds() async throws {
        try await ControlPlaneSite.with { site in
            // Not ready at first: it has no root that it could use.
            try await site.plugIn(["ca-cert.pem": Array("no certificate".utf8)])
            let authority = try CAMaterial.pluggedIn("plugged.example.com")
            let (http, monitoring) = (try RunningProgram.freePort(), try RunningProgram.freePort())
            let environment = [
                "POD_NAMESPACE": site.namespace, "POD_NAME": "istiod-1",
                "KUBECONFIG": "/var/run/secrets/remote/config", "REVISION": "default",
            ]
            try await withKubeconfig(site) { kubeconfig in
                try await RunningProgram.with(
                    pilotDiscovery(), try arguments(http: http, monitoring: monitoring, kubeconfig),
                    environment: environment
                ) { program in
                    try await program.waitForLine("Listening for HTTP", count: 2)
                    try await program.waitForLine("Cannot load the mesh root")
                    #expect(try await httpGet(port: http, "/ready")?.status == 503)
                    #expect(try await httpGet(port: monitoring, "/healthz")?.status == 200)

                    try await site.plugIn(authority.pluggedInData)
                    try await program.waitForLine("\"msg\":\"Ready\"")
                    #expect(try await httpGet(port: http, "/ready")?.status == 200)
                    try await site.waitForRoot(authority.rootCertificatePEM, in: "default")
                    let metrics = try #require(try await httpGet(port: monitoring, "/metrics"))
                    #expect(metrics.status == 200)
                    for name in ["process_resident_memory_bytes ", "process_cpu_seconds_total ", "process_open_fds "] {
                        #expect(metrics.text.contains("\n\(name)"))
                    }
                    #expect(metrics.text.contains("leader_election_master_status{"))
                    for name in ["pilot_services ", "pilot_inbound_updates{", "pilot_debounce_time_bucket{"] {
                        #expect(metrics.text.contains("\n\(name)"))
                    }
                    for name in [
                        "pilot_info{", "istio_build{", "istiod_uptime_seconds ", "xds_cache_size ",
                        "pilot_conflict_inbound_listener 0", "pilot_conflict_outbound_listener_tcp_over_current_tcp 0",
                        "pilot_vservice_dup_domain 0", "pilot_destrule_subsets 0", "pilot_duplicate_envoy_clusters 0",
                        "pilot_dns_cluster_without_endpoints 0", "pilot_no_ip 0", "xds_cache_reads{type=\"hit\"} ",
                        "xds_cache_evictions{type=\"clear\"} ", "startup_duration_seconds ",
                        "pilot_worker_queue_depth{queueID=\"root-certificate-publisher\"} ",
                        "pilot_worker_queue_latency_bucket{", "pilot_worker_queue_duration_bucket{",
                        "pilot_proxy_queue_time_count 0", "pilot_total_xds_rejects{type=\"cds\"} 0",
                        "pilot_eds_no_instances ", "istiod_managed_clusters{cluster_type=\"local\"} 1",
                    ] {
                        try await eventually("a metric \(name)") {
                            try await httpGet(port: monitoring, "/metrics")?.text.contains("\n\(name)") ?? false
                        }
                    }
                    for page in ["endpointShardz", "resourcesz", "cachez", "networkz", "pushcontext", "telemetryz"] {
                        let answer = try await httpGet(port: monitoring, "/debug/\(page)")
                        #expect(answer?.status == 200, "\(page)")
                    }
                    let services = try #require(try await httpGet(port: monitoring, "/debug/registryz"))
                    #expect(services.text.contains("\"kubernetes.default.svc.cluster.local\""))
                    // It listens where it was told to, and nowhere else.
                    #expect(try await httpGet("127.0.0.2", port: http, "/ready") == nil)
                    #expect(try await httpGet("127.0.0.2", port: monitoring, "/metrics") == nil)
                    #expect(try await site.publisher == "istiod-1")

                    let told = ContinuousClock.now
                    program.terminate()
                    let exit = try await program.end()
                    #expect(exit == RunningProgram.Exit(code: 0, isCrash: false))
                    #expect(told.duration(to: .now) < .seconds(30))
                    #expect(try await site.publisher == nil)
                }
            }
        }
    }

    /// As in a Pod: credentials where the kubelet mounts them, and a KUBECONFIG that names an optional, missing file.
    /// A mount namespace of the program's own stands in for the Pod's file system.
    @Test func usesThePodsOwnAccount() async throws {
        try await ControlPlaneSite.with { site in
            guard case .token(let token) = site.account.credential else { return }
            let server = site.account.server.dropFirst("https://".count).split(separator: ":").map(String.init)
            let folder = FileManager.default.temporaryDirectory.appending(path: "apus-account-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(token.exposed.utf8).write(to: folder.appending(path: "token"))
            try Data(site.account.trustRootsPEM ?? []).write(to: folder.appending(path: "ca.crt"))
            let mount = """
                set -e; mount -t tmpfs tmpfs /run; mkdir -p /run/secrets/kubernetes.io
                cp -r "$1" /run/secrets/kubernetes.io/serviceaccount; shift; exec "$@"
                """
            let (http, monitoring) = (try RunningProgram.freePort(), try RunningProgram.freePort())
            try await RunningProgram.with(
                "/usr/bin/unshare",
                ["--mount", "--propagation", "private", "/bin/sh", "-c", mount, "sh", folder.path, pilotDiscovery()]
                    + (try arguments(http: http, monitoring: monitoring)),
                environment: [
                    "POD_NAMESPACE": site.namespace, "POD_NAME": "istiod-1",
                    "KUBECONFIG": "/var/run/secrets/remote/config", "KUBERNETES_SERVICE_HOST": server[0],
                    "KUBERNETES_SERVICE_PORT": server[1],
                ]
            ) { program in
                try await program.waitForLine("\"msg\":\"Ready\"")
                #expect(try await httpGet(port: http, "/ready")?.status == 200)
                program.terminate()
                #expect(try await program.end() == RunningProgram.Exit(code: 0, isCrash: false))
            }
        }
    }

    /// What cannot work ends with a word about it, not with a crash.
    @Test func refusesWhatCannotWork() async throws {
        let (http, monitoring) = (try RunningProgram.freePort(), try RunningProgram.freePort())
        let kubeconfig = try OwnClusterTests.cluster.kubeconfig
        var wrong = try arguments(http: http, monitoring: monitoring, kubeconfig)
        wrong[2] = "--httpAddr=127.0.0.1"
        try await RunningProgram.with(pilotDiscovery(), wrong) { program in
            let exit = try await program.end()
            #expect(exit.code != 0 && !exit.isCrash)
            try await program.waitForLine("'127.0.0.1' is no address")
        }
        // One port for both servers of different hosts: the second cannot listen.
        var taken = try arguments(http: http, monitoring: http, kubeconfig)
        taken[1] = "--monitoringAddr=:\(http)"
        try await RunningProgram.with(
            pilotDiscovery(), taken, environment: ["POD_NAMESPACE": "default", "POD_NAME": "istiod-2"]
        ) { program in
            let exit = try await program.end()
            #expect(exit.code != 0 && !exit.isCrash)
            try await program.waitForLine("cannot listen on")
        }
    }
}
