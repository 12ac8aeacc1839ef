import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct ServiceEntryTests {
    private func mesh(_ yaml: String, _ settings: MeshSettings = MeshSettings()) throws -> MeshTranslation {
        MeshTranslation(try clusterObjects(yaml), settings: settings)
    }

    private func entry(_ spec: String, name: String = "entry") -> String {
        """
        {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: \(name), namespace: shop}, spec: \(spec)}

        """
    }

    private func problems(_ spec: String) throws -> [String] {
        try mesh(entry(spec)).diagnostics.values.flatMap(\.self).map(\.description).sorted()
    }

    private func endpoints(_ mesh: MeshTranslation, _ host: String, _ port: String) -> [String] {
        let key = EndpointKey(service: ServiceKey(hostname: host, namespace: "shop"), portName: port)
        return (mesh.snapshot.endpoints[key] ?? .empty).endpoints.map { "\($0.address):\($0.port) \($0.health)" }
    }

    @Test func everyHostIsAService() throws {
        let mesh = try mesh(
            entry(
                """
                {hosts: [A.example.com, "*.example.org"], location: MESH_INTERNAL, resolution: STATIC,
                 addresses: [10.9.0.1, 10.8.7.6/16, 10.9.0.2/32], exportTo: ["."], subjectAltNames: [spiffe://x/y],
                 ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}, {number: 443, name: tls, protocol: TLS},
                   {number: 90, name: any}],
                 endpoints: [{address: 10.0.0.1, ports: {tls: 8443}, labels: {version: v1}, weight: 3, network: n,
                   locality: r/z/s, serviceAccount: sa}, {address: 10.0.0.2}]}
                """))
        #expect(mesh.diagnostics == [:])
        #expect(mesh.snapshot.services.keys.map(\.hostname).sorted() == ["*.example.org", "a.example.com"])
        let service = try #require(mesh.snapshot.services[ServiceKey(hostname: "a.example.com", namespace: "shop")])
        #expect(service.addresses == ["10.9.0.1", "10.9.0.2"])
        #expect(service.addressRanges.map(\.description) == ["10.8.0.0/16"])
        #expect(service.ports.map(\.meshProtocol) == [.http, .tls, .auto])
        #expect(!service.isExternal)
        #expect(!service.visibility.includes("far"))
        #expect(service.subjectAltNames == ["spiffe://x/y"])
        #expect(endpoints(mesh, "a.example.com", "http") == ["10.0.0.2:8080 ready", "10.0.0.1:8080 ready"])
        #expect(endpoints(mesh, "*.example.org", "tls") == ["10.0.0.2:443 ready", "10.0.0.1:8443 ready"])
        let key = EndpointKey(service: service.key, portName: "http")
        let first = try #require(mesh.snapshot.endpoints[key]?.endpoints.last)
        #expect(first.address == "10.0.0.1")
        #expect(
            first.weight == 3 && first.network == "n"
                && first.locality == Locality(region: "r", zone: "z", subzone: "s"))
        #expect(first.isMutualTLS)
        #expect(first.identity == WorkloadIdentity(namespace: "shop", serviceAccount: "sa"))
    }

    /// A name that ends with a dot is whole, and the same as without.
    @Test func finalDotsOfHostsMeanNothing() throws {
        let mesh = try mesh(
            entry(
                """
                {hosts: [A.example.com., a.example.com, "*.example.org."], resolution: DNS,
                 ports: [{number: 80, name: http, protocol: HTTP}],
                 endpoints: [{address: b.example.com.}]}
                """))
        #expect(mesh.diagnostics == [:])
        #expect(mesh.snapshot.services.keys.map(\.hostname).sorted() == ["*.example.org", "a.example.com"])
    }

    @Test func hostsWithoutEndpointsAreLookedUpThemselves() throws {
        let mesh = try mesh(
            entry(
                "{hosts: [a.com], resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS, targetPort: 8443}]}")
                + "---\n"
                + entry("{hosts: [b.com], ports: [{number: 443, name: tls, protocol: TLS}]}", name: "other"))
        #expect(endpoints(mesh, "a.com", "tls") == ["a.com:8443 ready"])
        #expect(endpoints(mesh, "b.com", "tls") == [])
        #expect(
            mesh.snapshot.services[ServiceKey(hostname: "b.com", namespace: "shop")]?.resolution
                == MeshService.Resolution.none)
    }

    @Test func mistakesAreToldByField() throws {
        let several = try problems("{hosts: [], ports: [{number: 0, name: a}, {number: 1}]}")
        for path in ["spec.hosts", "spec.ports[0].number", "spec.ports[1].name"] {
            #expect(several.contains { $0.hasPrefix("\(path): ") }, "\(several)")
        }
        #expect(
            try problems("{hosts: [a.com], resolution: STATIC, endpoints: [{address: b.com}]}").contains {
                $0.hasPrefix("spec.endpoints[0].address: is \"b.com\", and must be an IP address")
            })
        #expect(
            try problems("{hosts: [\"*.a.com\"], resolution: DNS}").contains {
                $0.hasPrefix("spec.hosts[0]: is a pattern")
            })
        #expect(
            try problems("{hosts: [a.com], endpoints: [{address: 1.2.3.4}]}").contains {
                $0.hasPrefix("spec.endpoints: cannot go with resolution NONE")
            })
        #expect(
            try problems("{hosts: [a.com], addresses: [10.0.0.0/8], resolution: DNS}").contains {
                $0.hasPrefix("spec.addresses[0]: is a range")
            })
        #expect(
            try problems("{hosts: [a.com], addresses: [nowhere]}").contains {
                $0.hasPrefix("spec.addresses[0]: is \"nowhere\"")
            })
        #expect(
            try problems("{hosts: [a.com], ports: [{number: 80, name: a}, {number: 80, name: b}]}").contains {
                $0 == "spec.ports[1].number: is 80, as another port's; numbers must be unique"
            })
        #expect(
            try problems(
                "{hosts: [a.com], resolution: STATIC, ports: [{number: 80, name: a}], endpoints: [{address: 1.2.3.4, ports: {b: 1}}]}"
            ).contains { $0 == "spec.endpoints[0].ports.b: is no name of a port of this ServiceEntry; they are a" })
    }

    @Test func podsAndEntriesAreSelected() throws {
        let yaml =
            entry(
                """
                {hosts: [a.com], location: MESH_INTERNAL, resolution: STATIC, workloadSelector: {labels: {app: a}},
                 ports: [{number: 80, name: http, targetPort: 8080}]}
                """) + """
                ---
                {apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm, namespace: shop, labels: {app: a}},
                 spec: {address: 10.0.0.9, ports: {http: 9090}, labels: {app: b, version: v1}, serviceAccount: vm}}
                ---
                {apiVersion: networking.istio.io/v1, kind: WorkloadEntry,
                 metadata: {name: sick, namespace: shop, annotations: {proxy.istio.io/health-checks-enabled: "true"}},
                 spec: {address: 10.0.0.8, labels: {app: a}}}
                ---
                {apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: far, namespace: far},
                 spec: {address: 10.0.0.7, labels: {app: a}}}
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: {app: a}},
                 status: {phase: Running, podIP: 10.0.0.1, conditions: [{type: Ready, status: "True"}]}}
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: q, namespace: shop, labels: {app: b}},
                 status: {phase: Running, podIP: 10.0.0.2}}
                """
        var mesh = try mesh(yaml)
        #expect(
            endpoints(mesh, "a.com", "http") == ["10.0.0.1:8080 ready", "10.0.0.8:8080 unready", "10.0.0.9:9090 ready"])
        #expect(mesh.snapshot.workloads["10.0.0.9"]?.labels == ["app": "a", "version": "v1"])
        #expect(mesh.snapshot.workloads["10.0.0.9"]?.isMutualTLS == true)

        let vm = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "WorkloadEntry"), ObjectKey(namespace: "shop", name: "vm"))
        let difference = mesh.apply([.configuration(vm, nil)])
        #expect(endpoints(mesh, "a.com", "http") == ["10.0.0.1:8080 ready", "10.0.0.8:8080 unready"])
        #expect(difference.endpoints.count == 1)
        #expect(mesh.snapshot.workloads["10.0.0.9"] == nil)
    }

    @Test func servicesSelectWorkloadEntries() throws {
        let mesh = try mesh(
            """
            {apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop},
             spec: {clusterIP: 10.1.1.1, selector: {app: a}, ports: [{name: http, port: 80, targetPort: web}, {name: tcp, port: 90}]}}
            ---
            {apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm, namespace: shop},
             spec: {address: 10.0.0.9, ports: {web: 9090}, labels: {app: a}}}
            """)
        let host = "s.shop.svc.cluster.local"
        #expect(endpoints(mesh, host, "http") == ["10.0.0.9:9090 ready"])
        #expect(endpoints(mesh, host, "tcp") == ["10.0.0.9:90 ready"])
    }

    @Test func definitionsOfOneHostAreOneService() throws {
        let mesh = try mesh(
            entry("{hosts: [a.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}", name: "a")
                + "---\n"
                + entry(
                    "{hosts: [a.com], resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}", name: "b")
                + "---\n" + entry("{hosts: [a.com], ports: [{number: 90, name: tcp}]}", name: "c"))
        let service = try #require(mesh.snapshot.services[ServiceKey(hostname: "a.com", namespace: "shop")])
        #expect(service.ports.map(\.number) == [80, 443])
        // The third one finds its endpoints in another way.
        #expect(mesh.diagnostics.map(\.key.key.name) == ["c"])
        #expect(mesh.diagnostics.values.first?.first?.path == "spec.hosts")
        #expect(endpoints(mesh, "a.com", "tls") == ["a.com:443 ready"])
    }

    @Test func kubernetesServicesTakeEndpointsOfEntries() throws {
        let mesh = try mesh(
            entry(
                """
                {hosts: [s.shop.svc.cluster.local], resolution: STATIC, location: MESH_INTERNAL,
                 ports: [{number: 80, name: http}, {number: 81, name: more}], endpoints: [{address: 10.0.0.9}]}
                """) + """
                    ---
                    {apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop},
                     spec: {clusterIP: 10.1.1.1, ports: [{name: http, port: 80}]}}
                    """)
        let service = try #require(
            mesh.snapshot.services[ServiceKey(hostname: "s.shop.svc.cluster.local", namespace: "shop")])
        #expect(service.isOfKubernetes)
        #expect(service.ports.map(\.number) == [80])
        #expect(endpoints(mesh, service.hostname, "http") == ["10.0.0.9:80 ready"])
    }

    @Test func hashedAddressesAreThoseOfIstio() throws {
        var settings = MeshSettings()
        settings.apply(environment: ["PILOT_ENABLE_IP_AUTOALLOCATE": "false"])
        let yaml = ["http", "https"].map { name in
            """
            {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: istio-\(name), namespace: default},
             spec: {hosts: [istio.io], resolution: DNS, ports: [{number: \(name.count * 10), name: \(name)}]}}
            """
        }
        let two = try mesh(yaml.joined(separator: "\n---\n"), settings)
        let key = ServiceKey(hostname: "istio.io", namespace: "default")
        // Both definitions have a place; the first place counts.
        #expect(two.snapshot.services[key]?.allocatedAddresses == ["240.240.91.120", "2001:2::f0f0:5b78"])
        let one = try mesh(yaml[0], settings)
        #expect(one.snapshot.services[key]?.allocatedAddresses.first == "240.240.122.168")
        let recorded = try mesh(yaml[0])
        #expect(recorded.snapshot.services[key]?.allocatedAddresses == [])
    }

    @Test func recordedAddressesCount() throws {
        let mesh = try mesh(
            """
            {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: a, namespace: shop},
             spec: {hosts: [a.com, b.com], resolution: DNS, ports: [{number: 80, name: http}]},
             status: {addresses: [{value: "2001:2::1", host: a.com}, {value: 240.240.0.1, host: a.com}, {value: 240.240.0.2, host: b.com}]}}
            """)
        let services = mesh.snapshot.services
        #expect(
            services[ServiceKey(hostname: "a.com", namespace: "shop")]?.allocatedAddresses == [
                "240.240.0.1", "2001:2::1",
            ])
        #expect(services[ServiceKey(hostname: "b.com", namespace: "shop")]?.allocatedAddresses == ["240.240.0.2"])
    }
}
