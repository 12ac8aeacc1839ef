// swift-tools-version: 6.1
import PackageDescription

/// Every target is compiled in Swift 6 mode. The layers and the arrows allowed between targets are drawn in
/// CONTRIBUTING.md and enforced by `Hack/check-layers`.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "_CryptoExtras", package: "swift-crypto")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpcCore: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport: Target.Dependency = .product(
    name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")

let package = Package(
    name: "apus",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ControlPlane", targets: ["ControlPlane"]),
        .executable(name: "apus-operator", targets: ["apus-operator"]),
        .library(name: "ProxyAgent", targets: ["ProxyAgent"]),
        .executable(name: "pilot-discovery", targets: ["pilot-discovery"]),
        .executable(name: "pilot-agent", targets: ["pilot-agent"]),
        .executable(name: "apus", targets: ["apus"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0", traits: []),
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // L0: vocabulary
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "YAML", dependencies: ["CLibYAML"], swiftSettings: settings),
        .target(name: "KubernetesModel", dependencies: ["YAML"], swiftSettings: settings),
        .target(name: "IstioAPI", dependencies: ["KubernetesModel"], swiftSettings: settings),

        // L1: pure core
        .target(name: "InstallationValues", dependencies: ["KubernetesModel", "IstioAPI"], swiftSettings: settings),
        .target(
            name: "ObjectPatching", dependencies: ["KubernetesModel", "IstioAPI", "YAML"], swiftSettings: settings),
        .target(name: "InjectionTemplates", dependencies: ["IstioAPI"], swiftSettings: settings),
        .target(
            name: "ManifestRenderer",
            dependencies: [
                "InstallationValues", "ObjectPatching", "InjectionTemplates", "KubernetesModel", "IstioAPI", "YAML",
            ],
            swiftSettings: settings),
        .target(name: "Dataflow", swiftSettings: settings),
        .target(name: "MeshModel", dependencies: ["KubernetesModel"], swiftSettings: settings),
        .target(name: "MeshMetrics", dependencies: ["KubernetesModel"], swiftSettings: settings),
        .target(
            name: "MeshTranslator", dependencies: ["Dataflow", "MeshModel", "KubernetesModel", "IstioAPI"],
            swiftSettings: settings),
        .target(
            name: "EnvoyTranslator",
            dependencies: ["MeshModel", "MeshMetrics", "EnvoyAPI", "KubernetesModel", protobuf],
            swiftSettings: settings),
        .target(
            name: "TrafficSimulator", dependencies: ["EnvoyAPI", "KubernetesModel", protobuf], swiftSettings: settings),
        .target(
            name: "MeshValidation", dependencies: ["MeshTranslator", "MeshModel", "KubernetesModel", "IstioAPI"],
            swiftSettings: settings),
        .target(name: "GoTemplate", dependencies: ["KubernetesModel", "YAML"], swiftSettings: settings),
        .target(name: "TrafficCapture", swiftSettings: settings),
        .target(
            name: "EnvoyBootstrap", dependencies: ["KubernetesModel", "YAML", "GoTemplate"], swiftSettings: settings),
        .target(
            name: "SidecarInjector",
            dependencies: ["KubernetesModel", "IstioAPI", "YAML", "GoTemplate", "TrafficCapture"],
            swiftSettings: settings),

        // L2: adapters
        .target(
            name: "KubernetesClient",
            dependencies: [
                "KubernetesModel", "YAML", asyncHTTPClient, logging, nio, nioPosix, nioHTTP1, nioWebSocket,
                nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "ControllerRuntime",
            dependencies: ["KubernetesModel", "KubernetesClient", logging, metrics, serviceLifecycle],
            swiftSettings: settings),
        .target(
            name: "Observability",
            dependencies: ["CMalloc", logging, metrics, serviceLifecycle, unixSignals, nio, nioPosix, nioHTTP1],
            swiftSettings: settings),
        .target(
            name: "CertificateAuthority", dependencies: [x509, crypto, cryptoExtras, asn1], swiftSettings: settings),
        .target(name: "XDSServer", swiftSettings: settings),
        .target(
            name: "AgentRuntime",
            dependencies: ["CProcess", "CZlib", grpcCore, grpcTransport, nio, nioPosix, nioHTTP1, nioSSL],
            swiftSettings: settings),
        .target(
            name: "WasmPlugins",
            dependencies: [
                "AgentRuntime", "EnvoyAPI", "KubernetesModel", protobuf, asyncHTTPClient, logging, metrics,
                serviceLifecycle, crypto, nio, nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "DiscoveryServer",
            dependencies: [
                "XDSServer", "DiscoveryAPI", "EnvoyAPI", protobuf, grpcCore, grpcProtobuf, grpcTransport, logging,
                metrics, serviceLifecycle, nio, nioPosix, nioSSL, x509, asn1,
            ],
            swiftSettings: settings),

        // L3: what the programs are made of
        .target(
            name: "OperatorControllers",
            dependencies: [
                "KubernetesModel", "IstioAPI", "ManifestRenderer", "InstallationValues", "KubernetesClient",
                "ControllerRuntime",
                "Observability", logging, metrics, serviceLifecycle, asyncHTTPClient, nio, nioPosix, nioSSL,
            ],
            swiftSettings: settings),
        .target(name: "EnvoyAPI", dependencies: [protobuf], swiftSettings: settings),
        .target(
            name: "DiscoveryAPI", dependencies: ["EnvoyAPI", protobuf, grpcCore, grpcProtobuf],
            swiftSettings: settings),
        .target(
            name: "Authentication",
            dependencies: [
                "KubernetesModel", "MeshModel", "MeshTranslator", "KubernetesClient", "CertificateAuthority",
                "DiscoveryServer", grpcCore, asyncHTTPClient, logging, serviceLifecycle, x509, crypto, cryptoExtras,
                nio,
                nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "CertificateService",
            dependencies: [
                "Authentication", "KubernetesModel", "MeshModel", "KubernetesClient", "ControllerRuntime",
                "CertificateAuthority", "DiscoveryServer", "DiscoveryAPI", protobuf, grpcCore, grpcProtobuf, logging,
                metrics, x509,
            ],
            swiftSettings: settings),
        .target(
            name: "MeshObservation",
            dependencies: [
                "Authentication", "CertificateService", "KubernetesModel", "MeshModel", "MeshTranslator", "XDSServer",
                "KubernetesClient", "ControllerRuntime", "IstioAPI", logging, metrics, serviceLifecycle, nioPosix,
            ],
            swiftSettings: settings),
        .target(
            name: "MeshDiscovery",
            dependencies: [
                "KubernetesModel", "MeshModel", "MeshTranslator", "EnvoyTranslator", "EnvoyAPI", "XDSServer",
                "DiscoveryServer", "DiscoveryAPI", "Observability", protobuf, grpcCore, logging, metrics,
            ],
            swiftSettings: settings),
        .target(
            name: "SecretDiscovery",
            dependencies: [
                "Authentication", "MeshDiscovery", "KubernetesModel", "MeshModel", "EnvoyAPI", "XDSServer",
                "DiscoveryServer", "KubernetesClient", "ControllerRuntime", protobuf, logging, serviceLifecycle,
                metrics, nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "MeshControllers",
            dependencies: [
                "Authentication", "MeshObservation", "MeshDiscovery", "KubernetesModel", "MeshModel",
                "MeshTranslator", "XDSServer", "DiscoveryServer", "KubernetesClient", "ControllerRuntime", grpcCore,
                logging, metrics,
            ],
            swiftSettings: settings),
        .target(
            name: "DebugPages",
            dependencies: [
                "Authentication", "MeshObservation", "MeshDiscovery", "KubernetesModel", "MeshModel", "MeshTranslator",
                "EnvoyAPI", "XDSServer", "DiscoveryServer", "DiscoveryAPI", "KubernetesClient", "Observability",
                protobuf, grpcCore, nio, nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "ControlPlane",
            dependencies: [
                "Authentication", "CertificateService", "KubernetesModel", "MeshModel", "MeshTranslator",
                "EnvoyTranslator", "AdmissionWebhook", "SidecarInjector", "KubernetesClient", "ControllerRuntime",
                "CertificateAuthority", "XDSServer", "DiscoveryServer", "Observability", "DebugPages",
                "MeshControllers", "MeshDiscovery", "MeshObservation", "SecretDiscovery", logging, metrics,
                serviceLifecycle, grpcTransport, nio, nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "AdmissionWebhook",
            dependencies: [
                "KubernetesModel", "IstioAPI", "YAML", "SidecarInjector", "MeshValidation", "KubernetesClient",
                "ControllerRuntime", "Observability", logging, metrics, serviceLifecycle, nio, nioPosix, nioHTTP1,
                nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "WorkloadCredentials",
            dependencies: [
                "AgentRuntime", "CertificateAuthority", "XDSServer", "DiscoveryAPI", "EnvoyAPI", "KubernetesModel",
                "Observability", protobuf, grpcCore, grpcTransport, asyncHTTPClient, logging, metrics,
                serviceLifecycle, x509, crypto, nio, nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .target(
            name: "DNSProxy",
            dependencies: [
                "AgentRuntime", "EnvoyAPI", "KubernetesModel", logging, metrics, serviceLifecycle, nio, nioPosix,
            ],
            swiftSettings: settings),
        .target(
            name: "AgentTelemetry",
            dependencies: [
                "AgentRuntime", "MeshMetrics", "DiscoveryAPI", "EnvoyAPI", protobuf, grpcCore, metrics,
                serviceLifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "XDSRelay",
            dependencies: [
                "AgentRuntime", "WorkloadCredentials", "DNSProxy", "WasmPlugins", "AgentTelemetry", "XDSServer",
                "DiscoveryAPI", "EnvoyAPI", "EnvoyBootstrap", "CertificateAuthority", "KubernetesModel",
                "Observability",
                protobuf, grpcCore, grpcTransport, logging, metrics, serviceLifecycle, nio, nioPosix,
            ],
            swiftSettings: settings),
        .target(
            name: "StatusServer",
            dependencies: [
                "AgentRuntime", "AgentTelemetry", "MeshMetrics", "DiscoveryAPI", "KubernetesModel", "Observability",
                protobuf, grpcCore, grpcProtobuf, grpcTransport, logging, metrics, nio,
            ],
            swiftSettings: settings),
        .target(
            name: "ProxyAgent",
            dependencies: [
                "XDSRelay", "StatusServer", "WorkloadCredentials", "WasmPlugins", "DNSProxy", "AgentTelemetry",
                "AgentRuntime",
                "CProcess", "KubernetesModel", "YAML", "MeshMetrics", "EnvoyAPI", "DiscoveryAPI", "EnvoyBootstrap",
                "TrafficCapture", "Observability", protobuf, logging, metrics,
                serviceLifecycle, nio, nioPosix,
            ],
            swiftSettings: settings),
        .target(
            name: "CommandLineTool",
            dependencies: [
                "YAML", "KubernetesModel", "IstioAPI", "ManifestRenderer", "InstallationValues", "ObjectPatching",
                "KubernetesClient", "ControllerRuntime",
                "OperatorControllers", "MeshModel", "MeshTranslator", "EnvoyTranslator", "TrafficSimulator", "EnvoyAPI",
                "SidecarInjector", "MeshValidation", protobuf, argumentParser, logging,
            ],
            swiftSettings: settings),

        // L4: programs
        .executableTarget(
            name: "apus-operator",
            dependencies: [
                "OperatorControllers", "KubernetesClient", "ControllerRuntime", "Observability", argumentParser,
                logging, serviceLifecycle,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "pilot-discovery",
            dependencies: [
                "ControlPlane", "KubernetesModel", "KubernetesClient", "ControllerRuntime", "Observability",
                "DebugPages", argumentParser, logging, serviceLifecycle,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "pilot-agent",
            dependencies: [
                "ProxyAgent", "TrafficCapture", "EnvoyBootstrap", "Observability", "KubernetesModel", "YAML",
                argumentParser, logging, serviceLifecycle,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "generate-manifests",
            dependencies: ["OperatorControllers", "IstioAPI", "KubernetesModel", "YAML", argumentParser],
            swiftSettings: settings),
        .executableTarget(name: "apus", dependencies: ["CommandLineTool"], swiftSettings: settings),

        // tests
        .target(
            name: "EnvoyTesting", dependencies: ["EnvoyAPI", protobuf, x509, crypto, asn1],
            path: "Tests/EnvoyTesting", swiftSettings: settings),
        .target(name: "MeshTesting", path: "Tests/MeshTesting", swiftSettings: settings),
        .target(
            name: "KubernetesTesting",
            dependencies: ["KubernetesModel", "KubernetesClient", logging],
            path: "Tests/KubernetesTesting",
            swiftSettings: settings),
        .testTarget(name: "DataflowTests", dependencies: ["MeshTesting", "Dataflow"], swiftSettings: settings),
        .testTarget(name: "YAMLTests", dependencies: ["MeshTesting", "YAML"], swiftSettings: settings),
        .testTarget(
            name: "KubernetesModelTests", dependencies: ["MeshTesting", "KubernetesModel", "YAML"],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "IstioAPITests", dependencies: ["MeshTesting", "IstioAPI", "KubernetesModel", "YAML"],
            swiftSettings: settings),
        .testTarget(
            name: "EnvoyTranslatorTests",
            dependencies: [
                "MeshTesting", "EnvoyTesting", "EnvoyTranslator", "MeshTranslator", "MeshModel", "MeshMetrics",
                "EnvoyAPI",
                "DiscoveryAPI",
                "KubernetesModel", "YAML", protobuf,
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(name: "MeshMetricsTests", dependencies: ["MeshMetrics"], swiftSettings: settings),
        .testTarget(name: "MeshModelTests", dependencies: ["MeshModel", "KubernetesModel"], swiftSettings: settings),
        .testTarget(
            name: "MeshTranslatorTests",
            dependencies: ["MeshTesting", "MeshTranslator", "MeshModel", "KubernetesModel", "YAML"],
            swiftSettings: settings),
        .testTarget(
            name: "TrafficSimulatorTests",
            dependencies: [
                "MeshTesting", "EnvoyTesting", "TrafficSimulator", "EnvoyTranslator", "MeshTranslator", "MeshModel",
                "EnvoyAPI",
                "KubernetesModel", "YAML", protobuf,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "EnvoyAPITests", dependencies: ["EnvoyAPI", "DiscoveryAPI", protobuf], swiftSettings: settings),
        .testTarget(
            name: "ManifestRendererTests",
            dependencies: [
                "MeshTesting", "ManifestRenderer", "InstallationValues", "ObjectPatching", "IstioAPI",
                "KubernetesModel", "YAML",
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: ["KubernetesClient", "KubernetesModel", nio],
            swiftSettings: settings),
        .testTarget(
            name: "ControllerRuntimeTests",
            dependencies: ["MeshTesting", "ControllerRuntime", "KubernetesClient", "KubernetesModel", logging],
            swiftSettings: settings),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: ["Observability", logging, metrics, asyncHTTPClient, nio, nioHTTP1, serviceLifecycle],
            swiftSettings: settings),
        .testTarget(name: "XDSServerTests", dependencies: ["MeshTesting", "XDSServer"], swiftSettings: settings),
        .testTarget(
            name: "DiscoveryServerTests",
            dependencies: [
                "MeshTesting", "EnvoyTesting", "DiscoveryServer", "XDSServer", "DiscoveryAPI", "EnvoyAPI",
                "Observability", protobuf, grpcCore, grpcProtobuf, grpcTransport, logging, metrics, serviceLifecycle,
                asyncHTTPClient, nio, nioPosix, nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "MeshTesting", "EnvoyTesting", "ControlPlane", "Authentication", "CertificateService", "MeshTranslator",
                "MeshModel", "EnvoyTranslator", "EnvoyAPI", "DiscoveryServer", "XDSServer", "CertificateAuthority",
                "KubernetesClient", "Observability", "KubernetesModel", "YAML", "DiscoveryAPI", "ControllerRuntime",
                "DebugPages", "MeshControllers", "MeshDiscovery", "MeshObservation", "SecretDiscovery", protobuf,
                grpcCore, grpcTransport, logging, metrics, serviceLifecycle, x509, crypto, cryptoExtras, asn1,
                asyncHTTPClient, nio, nioHTTP1, nioSSL,
            ],
            exclude: ["ProxylessGRPC/greeter.py"],
            swiftSettings: settings),
        .testTarget(
            name: "GoTemplateTests", dependencies: ["MeshTesting", "GoTemplate", "KubernetesModel", "YAML"],
            swiftSettings: settings),
        .testTarget(
            name: "TrafficCaptureTests", dependencies: ["MeshTesting", "TrafficCapture", "ProxyAgent"],
            swiftSettings: settings),
        .testTarget(
            name: "EnvoyBootstrapTests",
            dependencies: ["MeshTesting", "EnvoyTesting", "EnvoyBootstrap", "KubernetesModel", "YAML"],
            swiftSettings: settings),
        .testTarget(
            name: "SidecarInjectorTests",
            dependencies: [
                "MeshTesting", "SidecarInjector", "GoTemplate", "ManifestRenderer", "KubernetesModel", "IstioAPI",
                "YAML",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MeshValidationTests",
            dependencies: ["MeshTesting", "MeshValidation", "KubernetesModel", "IstioAPI", "YAML"],
            swiftSettings: settings),
        .testTarget(
            name: "AdmissionWebhookTests",
            dependencies: [
                "MeshTesting", "AdmissionWebhook", "SidecarInjector", "KubernetesModel", "YAML", "Observability",
                "CertificateAuthority", logging, metrics, serviceLifecycle, asyncHTTPClient, nio, nioHTTP1, nioSSL,
                x509,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ProxyAgentTests",
            dependencies: [
                "MeshTesting", "EnvoyTesting", "ProxyAgent", "AgentRuntime", "WorkloadCredentials", "DNSProxy",
                "WasmPlugins", "AgentTelemetry", "XDSRelay", "StatusServer",
                "EnvoyTranslator", "MeshModel", "MeshMetrics", "EnvoyBootstrap", "EnvoyAPI", "DiscoveryAPI",
                "XDSServer", "DiscoveryServer", "CertificateAuthority",
                "Observability", "KubernetesModel", "YAML", protobuf, grpcCore, grpcProtobuf, grpcTransport, logging,
                metrics, serviceLifecycle, x509, crypto, asn1, asyncHTTPClient, nio, nioPosix, nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CertificateAuthorityTests",
            dependencies: ["CertificateAuthority", "MeshTesting", x509, crypto, asn1],
            swiftSettings: settings),
        .testTarget(
            name: "OperatorControllersTests",
            dependencies: [
                "OperatorControllers", "ControlPlane", "ManifestRenderer", "InstallationValues", "IstioAPI",
                "KubernetesModel",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CommandLineToolTests",
            dependencies: [
                "MeshTesting", "CommandLineTool", "SidecarInjector", "ManifestRenderer", "InstallationValues",
                "IstioAPI", "KubernetesModel",
                "YAML",
                "TrafficSimulator", "MeshModel", "EnvoyTranslator", "EnvoyAPI", protobuf, argumentParser,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "OperatorAPIServerTests",
            dependencies: [
                "KubernetesTesting", "KubernetesModel", "KubernetesClient", "ControllerRuntime",
                "OperatorControllers", "ControlPlane", "CertificateAuthority", "ManifestRenderer", "InstallationValues",
                "IstioAPI",
                "Observability", "YAML", logging, serviceLifecycle, nio, nioPosix, nioHTTP1, nioSSL,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "APIServerTests",
            dependencies: [
                "KubernetesTesting", "KubernetesModel", "KubernetesClient", "ControllerRuntime", "OperatorControllers",
                "ControlPlane", "Authentication", "CertificateService", "CertificateAuthority", "ManifestRenderer",
                "IstioAPI", "YAML", "EnvoyTesting", "DiscoveryServer", "XDSServer", "MeshTranslator", "MeshModel",
                "EnvoyTranslator", "EnvoyAPI", "DiscoveryAPI", "Observability", "DebugPages", "MeshControllers",
                "MeshDiscovery", "MeshObservation", asyncHTTPClient, protobuf, grpcCore, grpcProtobuf, grpcTransport,
                logging, serviceLifecycle, nio, nioPosix, nioHTTP1, nioSSL, x509, crypto, asn1,
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
