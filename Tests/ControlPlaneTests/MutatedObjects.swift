import KubernetesModel
import MeshTesting

/// Objects of every kind that is read, with one field or another that makes no sense.
struct MutatedObjects {
    var generator: SeededGenerator
    let samples: [JSONValue]

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        samples = try JSONValue.documents(yaml: Self.text)
    }

    /// One of the samples with up to three values replaced, left out, or given to a field of another.
    mutating func next() -> UnstructuredObject {
        guard var object = samples.randomElement(using: &generator) else { return UnstructuredObject([:]) }
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            object = mutated(object, depth: 0)
        }
        // What it is and whose stays: otherwise most would be nothing at all.
        let original = object
        object["metadata", "name"] = original["metadata", "name"]?.string.map(JSONValue.string) ?? "x"
        return UnstructuredObject(object)
    }

    private mutating func mutated(_ value: JSONValue, depth: Int) -> JSONValue {
        switch value {
        case .object(var fields):
            guard
                let name = fields.keys.sorted().filter({ depth > 0 || ($0 != "kind" && $0 != "apiVersion") })
                    .randomElement(using: &generator)
            else { return strange() }
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: fields[name] = nil
            case 1: fields[name] = strange()
            case 2: fields[name + "x"] = fields.removeValue(forKey: name)
            default: fields[name] = mutated(fields[name] ?? .null, depth: depth + 1)
            }
            return .object(fields)
        case .array(var elements):
            guard let index = elements.indices.randomElement(using: &generator) else { return .array([strange()]) }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            case 2: elements[index] = strange()
            default: elements[index] = mutated(elements[index], depth: depth + 1)
            }
            return .array(elements)
        default:
            return strange()
        }
    }

    private mutating func strange() -> JSONValue {
        let values: [JSONValue] = [
            .null, true, false, 0, -1, 65536, .integer(.max), .integer(.min), 1.5, .double(1e300), .double(-0.0), "",
            " ",
            "*", "*.", ".", "/", "a.b.c.d", "-", "~", "./*", "a/*", "istio-system/*", "0s", "-5s", "1e9h", "0.0000001s",
            "99999999999h",
            "10.0.0.1", "10.0.0.0/33", "::1", "::/129", "fe80::1%eth0", "http", "HTTPS", "TLS", "MUTUAL", "(", "[a-",
            "a{99999}",
            "\u{0}", "é", "\u{1F600}", .string(String(repeating: "a", count: 300)), [], [:], [[]], [[:]], [.null],
            ["": ""], ["a": ["b": ["c": [:]]]], ["exact": ""], ["prefix": ""], ["regex": "("], ["nanos": -1],
        ]
        return values.randomElement(using: &generator) ?? .null
    }

    private static let text = """
        {apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {istio-injection: enabled}}}
        ---
        {apiVersion: v1, kind: Node, metadata: {name: n, labels: {topology.kubernetes.io/region: r}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: s, namespace: a, annotations: {networking.istio.io/exportTo: "*"}}
        spec:
          clusterIP: 10.1.0.1
          clusterIPs: [10.1.0.1, "fd00::1"]
          selector: {app: s}
          externalIPs: [1.2.3.4]
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 100}}
          ports: [{name: http, port: 80, targetPort: web, appProtocol: http}, {name: tcp-db, port: 3306, protocol: TCP}]
        status: {loadBalancer: {ingress: [{ip: 5.6.7.8}, {hostname: lb.example.com}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: e, namespace: a}, spec: {type: ExternalName, externalName: x.example.com, ports: [{port: 80}]}}
        ---
        {apiVersion: v1, kind: Service, metadata: {name: h, namespace: a}, spec: {clusterIP: None, selector: {app: s}, ports: [{port: 80, name: grpc}]}}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: s-1, namespace: a, labels: {kubernetes.io/service-name: s}}
        addressType: IPv4
        endpoints:
        - addresses: [10.0.0.1]
          conditions: {ready: true, serving: true, terminating: false}
          nodeName: n
          hostname: s-0
          zone: z
          targetRef: {kind: Pod, name: p, namespace: a}
        ports: [{name: http, port: 8080, protocol: TCP}, {name: tcp-db, port: 3306}]
        ---
        apiVersion: v1
        kind: Endpoints
        metadata: {name: h, namespace: a}
        subsets: [{addresses: [{ip: 10.0.0.2, targetRef: {kind: Pod, name: p}}], notReadyAddresses: [{ip: 10.0.0.3}], ports: [{name: grpc, port: 80}]}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: a, labels: {app: s, security.istio.io/tlsMode: istio}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: d-5f6c, uid: u, controller: true}]}
        spec: {nodeName: n, serviceAccountName: sa, containers: [{name: c, ports: [{name: web, containerPort: 8080}]}]}
        status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}], conditions: [{type: Ready, status: "True"}]}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data: {mesh: "trustDomain: td\\naccessLogFile: /dev/stdout\\nlocalityLbSetting: {enabled: true}\\n"}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: vs, namespace: a}
        spec:
          hosts: [s, "*.example.com"]
          gateways: [mesh, gw]
          exportTo: ["."]
          http:
          - name: one
            match: [{uri: {prefix: /a}, headers: {x: {exact: "1"}}, queryParams: {q: {regex: "a+"}}, port: 80, sourceLabels: {app: s}, method: {exact: GET}}]
            route: [{destination: {host: s, subset: v1, port: {number: 80}}, weight: 90, headers: {request: {set: {a: b}}}}, {destination: {host: e}, weight: 10}]
            timeout: 5s
            retries: {attempts: 3, perTryTimeout: 1s, retryOn: "5xx"}
            fault: {delay: {percentage: {value: 10}, fixedDelay: 1s}, abort: {httpStatus: 500, percentage: {value: 1.5}}}
            rewrite: {uri: /b, authority: c}
            mirror: {host: s}
            mirrorPercentage: {value: 50}
            corsPolicy: {allowOrigins: [{exact: "https://a"}], allowMethods: [GET], maxAge: 24h, allowCredentials: true}
          - match: [{uri: {exact: /r}}]
            redirect: {uri: /x, redirectCode: 301, authority: d}
          - directResponse: {status: 200, body: {string: hi}}
            match: [{uri: {regex: "/d.*"}}]
          tls: [{match: [{port: 443, sniHosts: [x.example.com]}], route: [{destination: {host: e, port: {number: 443}}}]}]
          tcp: [{match: [{port: 3306, destinationSubnets: [10.0.0.0/8]}], route: [{destination: {host: s, port: {number: 3306}}, weight: 100}]}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: dr, namespace: a}
        spec:
          host: s
          trafficPolicy:
            loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: 10s}, ringHash: {minimumRingSize: 1024}}, localityLbSetting: {enabled: true, distribute: [{from: r/*, to: {"r/*": 80, "q/*": 20}}]}, warmup: {duration: 30s, minimumPercent: 10}}
            connectionPool: {tcp: {maxConnections: 10, connectTimeout: 1s, tcpKeepalive: {probes: 3, time: 10s}}, http: {http1MaxPendingRequests: 5, maxRetries: 2, idleTimeout: 1m}}
            outlierDetection: {consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s, maxEjectionPercent: 50}
            tls: {mode: SIMPLE, sni: x, credentialName: cred, subjectAltNames: [y]}
            portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: LEAST_REQUEST}}]
          subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: gw, namespace: a}
        spec:
          selector: {istio: ingressgateway}
          servers:
          - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"], tls: {httpsRedirect: true}}
          - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["a/x.example.com"], tls: {mode: MUTUAL, credentialName: c, minProtocolVersion: TLSV1_2, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256]}}
          - {port: {number: 15443, name: tls, protocol: TLS}, hosts: ["*.local"], tls: {mode: AUTO_PASSTHROUGH}}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: se, namespace: a}
        spec: {hosts: [db.example.com], addresses: [240.0.0.1, 10.9.0.0/16], location: MESH_EXTERNAL, resolution: STATIC, ports: [{number: 443, name: https, protocol: HTTPS, targetPort: 8443}], endpoints: [{address: 9.9.9.9, ports: {https: 8444}, locality: r/z, weight: 5, labels: {v: a}}], subjectAltNames: [x], exportTo: ["*"]}
        ---
        {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: sd, namespace: a}, spec: {hosts: ["*.wild.example.com"], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}], workloadSelector: {labels: {app: s}}}}
        ---
        {apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: we, namespace: a}, spec: {address: 9.9.9.8, labels: {app: s}, serviceAccount: sa, ports: {http: 8080}, weight: 2, network: net}}
        ---
        {apiVersion: networking.istio.io/v1, kind: WorkloadGroup, metadata: {name: wg, namespace: a}, spec: {metadata: {labels: {app: s}}, template: {serviceAccount: sa, ports: {http: 80}}, probe: {httpGet: {port: 80}}}}
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: sc, namespace: a}
        spec:
          workloadSelector: {labels: {app: s}}
          ingress: [{port: {number: 9080, protocol: HTTP, name: x}, defaultEndpoint: 127.0.0.1:8080, captureMode: DEFAULT}]
          egress: [{hosts: ["./*", "istio-system/*"]}, {port: {number: 3306, protocol: TCP, name: db}, bind: 127.0.0.1, hosts: ["a/*"]}]
          outboundTrafficPolicy: {mode: REGISTRY_ONLY}
        ---
        {apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: pa, namespace: a}, spec: {selector: {matchLabels: {app: s}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: ap, namespace: a}
        spec:
          selector: {matchLabels: {app: s}}
          action: ALLOW
          rules:
          - from: [{source: {principals: ["cluster.local/ns/a/sa/*"], notNamespaces: [b], ipBlocks: [10.0.0.0/8], requestPrincipals: ["*"]}}]
            to: [{operation: {hosts: ["x"], ports: ["8080"], methods: [GET], paths: ["/a*", "/{*}/b"]}}]
            when: [{key: "request.headers[x]", values: ["1"]}, {key: "request.auth.claims[a][b]", values: [c]}, {key: source.ip, notValues: [1.1.1.1]}]
        ---
        {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: ac, namespace: a}, spec: {action: CUSTOM, provider: {name: p}, rules: [{to: [{operation: {paths: ["/x"]}}]}]}}
        ---
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: ra, namespace: a}
        spec: {jwtRules: [{issuer: i, jwks: '{"keys":[]}', audiences: [a], fromHeaders: [{name: x, prefix: "Bearer "}], fromParams: [q], outputPayloadToHeader: h, forwardOriginalToken: true, outputClaimToHeaders: [{header: h, claim: c}]}, {issuer: j, jwksUri: "https://x/y"}]}
        ---
        {apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: t, namespace: a}, spec: {accessLogging: [{providers: [{name: envoy}], filter: {expression: "response.code >= 400"}}], tracing: [{randomSamplingPercentage: 10, customTags: {a: {literal: {value: b}}}}], metrics: [{providers: [{name: prometheus}], overrides: [{match: {metric: REQUEST_COUNT, mode: CLIENT}, tagOverrides: {x: {operation: REMOVE}}}]}]}}
        ---
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: ef, namespace: a}
        spec:
          workloadSelector: {labels: {app: s}}
          priority: 5
          configPatches:
          - {applyTo: HTTP_FILTER, match: {context: SIDECAR_INBOUND, listener: {portNumber: 8080, filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}, patch: {operation: INSERT_BEFORE, value: {name: envoy.filters.http.lua, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, inlineCode: "x"}}}}
          - {applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND, cluster: {service: s.a.svc.cluster.local}}, patch: {operation: MERGE, value: {connect_timeout: 3s}}}
          - {applyTo: VIRTUAL_HOST, match: {routeConfiguration: {vhost: {name: "s:80"}}}, patch: {operation: MERGE, value: {include_request_attempt_count: true}}}
        ---
        {apiVersion: extensions.istio.io/v1alpha1, kind: WasmPlugin, metadata: {name: wp, namespace: a}, spec: {url: "oci://x/y:1", phase: AUTHN, priority: 1, pluginConfig: {a: b}, match: [{mode: SERVER, ports: [{number: 80}]}], failStrategy: FAIL_OPEN}}
        ---
        {apiVersion: networking.istio.io/v1beta1, kind: ProxyConfig, metadata: {name: pc, namespace: a}, spec: {concurrency: 2, environmentVariables: {A: b}, image: {imageType: distroless}}}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: i, namespace: a, annotations: {kubernetes.io/ingress.class: istio}}
        spec: {tls: [{hosts: [x.example.com], secretName: s}], rules: [{host: x.example.com, http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}], defaultBackend: {service: {name: s, port: {name: http}}}}
        """
}
