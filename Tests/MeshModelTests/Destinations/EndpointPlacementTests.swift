import MeshModel
import Testing

@Suite("Which endpoints a caller prefers")
struct EndpointPlacementTests {
    private func caller(_ locality: String, labels: [String: String] = [:], node: String = "") -> EndpointPreference {
        var proxy = Proxy(kind: .sidecar, name: "x", namespace: "y", addresses: ["10.0.0.1"], labels: labels)
        proxy.locality = Locality(parsing: locality)
        proxy.node = node
        return EndpointPreference(proxy, labelKeys: ["team"])
    }

    private func preference(
        _ edit: (inout LocalityLoadBalancing) -> Void, distribution: TrafficDistribution = .any
    ) -> PlacePreference? {
        var mesh = MeshSettings()
        edit(&mesh.localityLoadBalancing)
        var service = MeshService(name: "s", namespace: "d", hostname: "s.d")
        service.trafficDistribution = distribution
        return PlacePreference(TrafficPolicy(), of: service, in: mesh)
    }

    @Test("Nothing is ordered where nobody counts failures, and callers share that")
    func withoutOutliers() {
        let plain = preference { _ in }
        #expect(EndpointPlacement(plain, for: caller("eu/a"), detectsOutliers: false) == .even)
        #expect(EndpointPlacement(plain, for: caller("us/b"), detectsOutliers: false) == .even)
        #expect(EndpointPlacement(plain, for: caller(""), detectsOutliers: true) == .even)
        #expect(EndpointPlacement(nil, for: caller("eu/a"), detectsOutliers: true) == .even)
        let ordered = EndpointPlacement(plain, for: caller("eu/a"), detectsOutliers: true)
        #expect(
            ordered
                == .nearest(
                    labels: [], locality: .init(locality: Locality(region: "eu", zone: "a"), standIn: nil)))
    }

    @Test("A service can ask for near endpoints by itself, a mesh can switch places off")
    func services() {
        let near = preference({ $0.isEnabled = false }, distribution: .preferSameNode)
        guard
            case .nearest(let labels, nil) = EndpointPlacement(
                near, for: caller("eu/a/1", node: "n"), detectsOutliers: false)
        else {
            Issue.record("not ordered")
            return
        }
        #expect(labels.map(\.value) == ["", "eu", "a", "1", "n"])
        #expect(preference { $0.isEnabled = false } == nil)
    }

    @Test("Shares are those of the caller's place, the most specific first")
    func shares() {
        let rule = preference { setting in
            setting.distribute = [
                .init(from: "eu/*", to: ["eu/*": 80, "eu/a": 15, "us": 5]), .init(from: "*", to: ["us/*": 100]),
            ]
        }
        guard case .shares(let shares) = EndpointPlacement(rule, for: caller("eu/b"), detectsOutliers: false) else {
            Issue.record("not shared")
            return
        }
        #expect(shares.map(\.place) == ["eu/a", "eu/*", "us"])
        #expect(
            EndpointPlacement(rule, for: caller("eu/b"), detectsOutliers: true)
                == EndpointPlacement(rule, for: caller("eu/c"), detectsOutliers: true))
        guard case .shares(let others) = EndpointPlacement(rule, for: caller("asia"), detectsOutliers: false) else {
            Issue.record("not shared")
            return
        }
        #expect(others.map(\.place) == ["us/*"])
    }

    @Test("Labels are the caller's, or what the rule says they are")
    func labels() {
        let rule = preference { $0.failoverPriority = ["team", "tier=gold", "topology.kubernetes.io/region"] }
        guard
            case .nearest(let labels, nil) = EndpointPlacement(
                rule, for: caller("eu/a", labels: ["team": "blue", "x": "y"]), detectsOutliers: true)
        else {
            Issue.record("not ordered")
            return
        }
        #expect(labels.map(\.value) == ["blue", "gold", "eu"])
    }

    @Test("Of a caller only what matters in this mesh is kept")
    func preferences() {
        var proxy = Proxy(
            kind: .sidecar, name: "x", namespace: "y", addresses: ["10.0.0.1"], labels: ["team": "blue"])
        proxy.locality = Locality(region: "eu")
        var snapshot = MeshSnapshot()
        #expect(EndpointPreference(proxy, in: snapshot).locality.isUnknown)
        #expect(EndpointPreference(proxy, in: snapshot).labels.isEmpty)
        snapshot.settings.localityLoadBalancing.failoverPriority = ["team"]
        #expect(EndpointPreference(proxy, in: snapshot).labels == ["team": "blue"])
        snapshot.settings.localityLoadBalancing.distribute = [.init(from: "*", to: [:])]
        #expect(EndpointPreference(proxy, in: snapshot).locality.region == "eu")
    }
}
