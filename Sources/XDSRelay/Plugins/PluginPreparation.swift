import DiscoveryAPI
import FoundationEssentials
package import Logging
import SwiftProtobuf
package import WasmPlugins

/// Puts files in the place of modules that have to be fetched, before the proxy sees the configuration of plug-ins.
package struct PluginPreparation: Sendable {
    private let modules: ModuleCache
    private let metrics: ModuleMetrics
    private let logger: Logger

    /// - Parameter modules: Where modules come from.
    package init(_ modules: ModuleCache, logger: Logger = Logger(label: "wasm"), metrics: ModuleMetrics = .init()) {
        self.modules = modules
        self.logger = logger
        self.metrics = metrics
    }

    /// The response for the proxy, or why it is to be refused: all reasons at once, since it counts as a whole.
    func prepared(_ response: RelayResponse) async -> Result<RelayResponse, RelayRefusal> {
        let start = ContinuousClock.now
        var response = response
        for name in response.removed { await modules.release(name) }
        let outcomes = await withTaskGroup(of: (Int, Result<RelayResource, ModuleProblem>).self) { group in
            for (index, resource) in response.resources.enumerated() {
                group.addTask { (index, await prepared(resource)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var problems: [String] = []
        var mayPass = true
        for (index, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
            switch outcome {
            case .success(let resource): response.resources[index] = resource
            case .failure(let problem):
                problems.append("\(response.resources[index].name): \(problem)")
                mayPass = mayPass && problem.isOfFetching
            }
        }
        metrics.recordConversion(ContinuousClock.now - start)
        if problems.isEmpty { return .success(response) }
        return .failure(RelayRefusal(reason: problems.joined(separator: "; "), mayPass: mayPass))
    }

    /// Plug-ins that the proxy uses no more.
    func release(_ names: Set<String>) async { for name in names { await modules.release(name) } }

    /// Only these are used now.
    func keep(_ names: Set<String>) async { await modules.keep(names) }

    /// Ends the version of a plug-in that everything passes by.
    private static let openSuffix = "/open"

    /// Whether everything passes a plug-in by, for its module was not to be had.
    static func isOpen(_ resource: RelayResource) -> Bool { resource.version.hasSuffix(openSuffix) }

    private func prepared(_ resource: RelayResource) async -> Result<RelayResource, ModuleProblem> {
        do throws(ModuleProblem) {
            guard let plugin = try PluginConfiguration(resource.resource.value) else {
                metrics.countConversion(.noRemoteLoad)
                return .success(resource)
            }
            return await prepared(plugin, in: resource)
        } catch {
            metrics.countConversion(.unmarshalFailure)
            return .failure(error)
        }
    }

    private func prepared(
        _ plugin: PluginConfiguration, in resource: RelayResource
    ) async -> Result<RelayResource, ModuleProblem> {
        do throws(ModuleProblem) {
            var file: String?
            if let request = try plugin.request(version: resource.version) {
                file = try await fetched(request)
            }
            let result = changed(resource) { try plugin.body(file: file) }
            if case .success = result { metrics.countConversion(file == nil ? .noRemoteLoad : .success) }
            return result
        } catch {
            // That nobody wants it any more is nobody's failure.
            if Task.isCancelled { return .failure(error) }
            metrics.countConversion(.fetchFailure)
            guard plugin.isOpenWithoutModule else { return .failure(error) }
            logger.warning(
                "A WebAssembly plug-in's module cannot be had, and everything passes it by",
                metadata: ["plug-in": "\(plugin.name)", "problem": "\(error)"])
            return changed(resource) { try plugin.openBody() }.map { open in
                var open = open
                // Not the version that the control plane has: after the next connection it is sent, and tried, again.
                open.version += Self.openSuffix
                return open
            }
        }
    }

    private func fetched(_ request: ModuleRequest) async throws(ModuleProblem) -> String {
        do throws(ModuleProblem) {
            return try await modules.file(for: request)
        } catch {
            var problem = error
            problem.isOfFetching = true
            throw problem
        }
    }

    private func changed(
        _ resource: RelayResource, _ body: () throws -> Data
    ) -> Result<RelayResource, ModuleProblem> {
        do {
            var resource = resource
            resource.resource.value = try body()
            return .success(resource)
        } catch {
            metrics.countConversion(.marshalFailure)
            return .failure(ModuleProblem("it cannot be encoded: \(error)"))
        }
    }
}
