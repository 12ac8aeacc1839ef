package import KubernetesModel

/// A template in the subset of Go's text/template language that injection templates are written in.
package struct GoTemplate: Sendable {
    private let text: String
    private let templates: [String: [TemplateNode]]

    /// - Parameter text: The template.
    /// - Throws: What is not of the language, with its line and column.
    package init(parsing text: String) throws(TemplateError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw TemplateError(problem: "the template has more than \(Self.maximumBytes) bytes", line: 1, column: 1)
        }
        self.text = text
        do throws(TemplateFault) { templates = try TemplateParser.templates(of: text) } catch {
            throw error.located(in: text)
        }
    }

    /// What fits into a ConfigMap.
    private static let maximumBytes = 1 << 20

    /// The text that this template makes of data.
    ///
    /// - Parameters:
    ///   - data: What `.` and `$` are at the start. Below its fields objects are structures of Go, whose fields are
    ///     found under their names in Go (`.Spec.InitContainers`) and in JSON, and print as nothing where they are
    ///     missing; below `Values` they are maps, whose missing keys print `<no value>`.
    ///   - environment: What `env` looks at.
    ///   - limits: What it may cost.
    package func render(
        with data: JSONValue, environment: [String: String] = [:], limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) -> String {
        let root = TemplateValue(data, .structure)
        var run = TemplateRun(
            templates, root: root, environment: environment, budget: TemplateBudget(limits))
        do throws(TemplateFault) { _ = try run.run(templates[""] ?? [], root) } catch {
            throw error.located(in: text)
        }
        return run.output
    }
}
