import GoTemplate
import KubernetesModel
import YAML

/// Why a bootstrap of people's own cannot be used.
package struct OwnBootstrapError: Error, Hashable, Sendable, CustomStringConvertible {
    /// To be read after the name of the file.
    package var description: String
}

/// What Envoy starts with where people bring a bootstrap of their own: a text in JSON or YAML, or a Go template of one.
///
/// A JSON text without actions stays as it is, byte for byte; anything else becomes JSON.
///
/// - Parameter environment: What `env` in the template looks at.
/// - Throws: ``OwnBootstrapError`` when the text, or what the template makes of it, is not one whole document.
package func ownBootstrap(
    _ text: String, for input: BootstrapInput, environment: [String: String] = [:]
) throws(OwnBootstrapError) -> String {
    guard isTemplate(text) else {
        return try whole(text) { "is neither JSON nor YAML: \($0)" }
    }
    let rendered: String
    do throws(TemplateError) {
        let template = try GoTemplate(parsing: text)
        rendered = try template.render(with: templateVariables(of: input), environment: environment)
    } catch {
        throw OwnBootstrapError(
            description: "is a template that cannot be run: \(error). A brace pair that is meant as text is written "
                + "{{\"{{\"}}")
    }
    return try whole(rendered) { "is a template, and what it makes is neither JSON nor YAML: \($0)" }
}

/// Whether a text has actions of Go's templates.
package func isTemplate(_ text: String) -> Bool { text.contains("{{") }

/// What people lay over a bootstrap, checked: Envoy takes it as an argument, in JSON or YAML.
///
/// - Throws: ``OwnBootstrapError``.
package func bootstrapOverride(_ text: String) throws(OwnBootstrapError) -> String {
    _ = try whole(text) { "is neither JSON nor YAML: \($0)" }
    return text
}

private func whole(_ text: String, _ problem: (String) -> String) throws(OwnBootstrapError) -> String {
    let documents: [JSONValue]
    let isJSON = text.first { !$0.isWhitespace } == "{"
    if let json = try? JSONValue(parsing: text) {
        guard json.object != nil else {
            throw OwnBootstrapError(description: problem("it is a \(json.typeName), not an object"))
        }
        return text
    }
    do throws(YAMLError) {
        documents = try JSONValue.documents(yaml: text).filter { !$0.isNull }
    } catch {
        throw OwnBootstrapError(description: problem(isJSON ? jsonProblem(of: text) : "\(error)"))
    }
    guard documents.count == 1, let document = documents.first else {
        throw OwnBootstrapError(description: problem("it holds \(documents.count) documents, not one"))
    }
    guard document.object != nil else {
        throw OwnBootstrapError(description: problem("it is a \(document.typeName), not a map"))
    }
    return document.prettyJSONText
}

private func jsonProblem(of text: String) -> String {
    do throws(JSONSyntaxError) {
        _ = try JSONValue(parsing: text)
        return ""
    } catch {
        return "\(error)"
    }
}
