extension HTTPRoute {
    /// `/metrics`: the registry in Prometheus' text format.
    package static func metrics(_ registry: MetricsRegistry) -> HTTPRoute {
        HTTPRoute { _ in .text(registry.prometheusText(), contentType: PrometheusText.contentType) }
    }

    /// `/healthz`, `/readyz`: 200 `ok` or 503 and what fails; `?verbose` lists every check.
    package static func health(_ checks: HealthChecks) -> HTTPRoute {
        HTTPRoute { request in await checks.reply(verbose: request.queryValue("verbose") != nil) }
    }

    /// `/debug/level`: `GET` shows the log levels, `PUT` or `POST` with `?level=default:info,ca:debug` changes those
    /// it names until the process ends.
    package static func logLevels(_ levels: LogLevels) -> HTTPRoute {
        HTTPRoute(methods: ["GET", "PUT", "POST"]) { request in
            guard request.method == "PUT" || request.method == "POST" else {
                return .text(levels.description + "\n")
            }
            guard let setting = request.queryValue("level") else {
                return .text("say which level: \(request.path)?level=default:debug\n", status: 400)
            }
            do throws(LogLevelSyntaxError) {
                levels.apply(try LogLevelSetting(parsing: setting))
                return .text(levels.description + "\n")
            } catch {
                return .text(error.description + "\n", status: 400)
            }
        }
    }
}

extension HTTPRoutes {
    /// The four paths every program of the mesh has: `/metrics`, `/healthz`, `/readyz`, `/debug/level`.
    package static func standard(
        metrics: MetricsRegistry, alive: HealthChecks, ready: HealthChecks, levels: LogLevels
    ) -> HTTPRoutes {
        HTTPRoutes([
            "/metrics": .metrics(metrics), "/healthz": .health(alive), "/readyz": .health(ready),
            "/debug/level": .logLevels(levels),
        ])
    }
}
