import MeshTesting

@testable import XDSServer

/// A small mesh whose resources refer to each other as Envoy's do, to be edited at random.
struct MeshModel {
    struct Item {
        var revision = 0
        var isBad = false
        /// Of a listener its routes, of a route its clusters.
        var references: [String] = []

        var body: [UInt8] { Array("\(revision) \(isBad ? "bad" : "good") \(references.joined(separator: ","))".utf8) }
    }

    static let types: [TypeURL] = [.cluster, .endpoint, .listener, .route, .secret]

    var items: [TypeURL: [String: Item]] = [:]
    var everBad: [TypeURL: Set<String>] = [:]
    var allowsBad: Bool
    private var made = 0

    init(allowsBad: Bool, random: inout SeededGenerator) {
        self.allowsBad = allowsBad
        for type in Self.types { items[type] = [:] }
        for _ in 0..<4 { addCluster(&random) }
        for _ in 0..<2 { addListener(&random) }
    }

    static func references(in body: [UInt8]) -> [String] {
        let words = String(decoding: body, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        return words.count < 3 ? [] : words[2].split(separator: ",").map(String.init)
    }

    static func isBad(_ body: [UInt8]) -> Bool {
        String(decoding: body, as: UTF8.self).split(separator: " ").dropFirst().first == "bad"
    }

    func resources(_ type: TypeURL) -> [Resource] {
        (items[type] ?? [:]).map { name, item in
            let dependents = type == .cluster ? [name] : type == .listener ? item.references : []
            return Resource(name: name, body: item.body, dependents: dependents)
        }
    }

    /// Repairs everything that is bad.
    mutating func repair() {
        for type in Self.types {
            for (name, item) in items[type] ?? [:] where item.isBad {
                items[type]?[name]?.isBad = false
                items[type]?[name]?.revision += 1
            }
        }
    }

    mutating func edit(_ random: inout SeededGenerator) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: addCluster(&random)
        case 2: removeCluster(&random)
        case 3: addListener(&random)
        case 4: removeListener(&random)
        case 5: redirect(&random)
        case 6: touch(.cluster, &random)
        case 7: touch(.endpoint, &random)
        case 8: touch(.listener, &random)
        case 9: touch(.route, &random)
        case 10: touch(.secret, &random)
        default: secret(&random)
        }
    }

    private mutating func addCluster(_ random: inout SeededGenerator) {
        made += 1
        items[.cluster]?["c\(made)"] = Item()
        items[.endpoint]?["c\(made)"] = Item()
        if Bool.random(using: &random) { redirect(&random) }
    }

    /// Takes a cluster away; routes that went there go elsewhere from the same moment on.
    private mutating func removeCluster(_ random: inout SeededGenerator) {
        let names = (items[.cluster] ?? [:]).keys.sorted()
        guard names.count > 1, let gone = names.randomElement(using: &random) else { return }
        items[.cluster]?[gone] = nil
        items[.endpoint]?[gone] = nil
        let left = names.filter { $0 != gone }
        for (name, route) in items[.route] ?? [:] where route.references.contains(gone) {
            items[.route]?[name]?.references = [left[0]]
        }
    }

    private mutating func addListener(_ random: inout SeededGenerator) {
        made += 1
        let clusters = (items[.cluster] ?? [:]).keys.sorted()
        items[.route]?["r\(made)"] = Item(references: [clusters.randomElement(using: &random) ?? "none"])
        items[.listener]?["l\(made)"] = Item(references: ["r\(made)"])
    }

    private mutating func removeListener(_ random: inout SeededGenerator) {
        guard let gone = (items[.listener] ?? [:]).keys.sorted().randomElement(using: &random) else { return }
        for route in items[.listener]?[gone]?.references ?? [] { items[.route]?[route] = nil }
        items[.listener]?[gone] = nil
    }

    private mutating func redirect(_ random: inout SeededGenerator) {
        let clusters = (items[.cluster] ?? [:]).keys.sorted()
        guard let route = (items[.route] ?? [:]).keys.sorted().randomElement(using: &random),
            let cluster = clusters.randomElement(using: &random)
        else { return }
        items[.route]?[route]?.references = [cluster]
    }

    private mutating func touch(_ type: TypeURL, _ random: inout SeededGenerator) {
        guard let name = (items[type] ?? [:]).keys.sorted().randomElement(using: &random) else { return }
        items[type]?[name]?.revision += 1
        let isBad = allowsBad && Int.random(in: 0..<3, using: &random) == 0
        items[type]?[name]?.isBad = isBad
        if isBad { everBad[type, default: []].insert(name) }
    }

    private mutating func secret(_ random: inout SeededGenerator) {
        let name = "s\(Int.random(in: 0..<6, using: &random))"
        let isNew = items[.secret]?[name] == nil
        items[.secret]?[name] = isNew ? Item(revision: Int.random(in: 0..<3, using: &random)) : nil
    }
}
