import GoTemplate
import KubernetesModel
import Testing

/// Whatever a template says, rendering it ends, with an error if need be.
@Suite struct LimitTests {
    @Test(arguments: [
        "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
        "{{ define \"t\" }}{{ template \"u\" . }}{{ end }}{{ define \"u\" }}{{ template \"t\" . }}{{ end }}{{ template \"t\" }}",
        "{{ range until 100000 }}{{ range until 100000 }}x{{ end }}{{ end }}",
        "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}",
        "{{ $x := \"xxxxxxxxxx\" }}{{ range until 90 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
        "{{ $x := list 1 }}{{ range until 90 }}{{ $x = list $x $x }}{{ end }}",
        "{{ $x := list }}{{ range until 90000 }}{{ $x = list $x }}{{ end }}",
        "{{ repeat 1000000000 \"abcdefgh\" }}", "{{ printf \"%1000000000d\" 1 }}", "{{ indent 1000000000 \"a\\nb\" }}",
        "{{ until 1000000000000 }}", "{{ join (repeat 100000 \"x\") (until 100000) }}",
        "{{ replace \"a\" (repeat 100000 \"x\") (repeat 100000 \"a\") }}",
        "{{ $t := \"{{ render .t }}\" }}{{ render \"{{ render .t (dict \\\"t\\\" .t) }}\" (dict \"t\" \"{{ render .t . }}\") }}",
        "{{ range until 100000 }}0123456789012345678901234567890123456789012345678901234567890{{ end }}",
    ])
    func isBounded(_ template: String) throws {
        let parsed = try GoTemplate(parsing: template)
        #expect(throws: TemplateError.self) { try parsed.render(with: [:]) }
    }

    @Test func nestingOfTheTextIsBounded() {
        let parentheses = "{{ " + String(repeating: "(", count: 100_000) + "1"
        let conditions = String(repeating: "{{ if 1 }}", count: 100_000)
        let chain = "{{ if 1 }}" + String(repeating: "{{ else if 1 }}", count: 100_000)
        for text in [parentheses, conditions, chain] {
            #expect(throws: TemplateError.self) { try GoTemplate(parsing: text) }
        }
    }
}
