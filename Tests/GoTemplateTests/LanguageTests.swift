import GoTemplate
import KubernetesModel
import Testing

/// What the language's own actions give, by Go's rules.
@Suite struct LanguageTests {
    private static let data: JSONValue = [
        "Values": [
            "name": "x", "list": ["a", "b", "c"], "map": ["k2": "v2", "k1": "v1"], "count": 3, "none": nil, "yes": true,
        ],
        "ObjectMeta": ["name": "pod", "labels": ["app": "web"]],
    ]

    @Test(arguments: [
        ("a{{ .Values.name }}b", "axb"),
        ("a {{- .Values.name -}} b", "axb"),
        ("a\n{{- /* nothing */ -}}\nb", "ab"),
        ("{{/* nothing */}}b", "b"),
        ("{{ \"q\\\"\\n\" }}|{{ `r\\n` }}|{{ 'a' }}", "q\"\n|r\\n|97"),
        ("{{ 0x10 }} {{ 010 }} {{ -3 }} {{ 1.5 }} {{ 1e3 }}", "16 8 -3 1.5 1000"),
        ("{{ if .Values.yes }}1{{ else }}2{{ end }}", "1"),
        ("{{ if .Values.none }}1{{ else if .Values.name }}2{{ else }}3{{ end }}", "2"),
        ("{{ with .Values.name }}<{{ . }}>{{ end }}", "<x>"),
        ("{{ with .Values.none }}1{{ else }}{{ .Values.name }}{{ end }}", "x"),
        ("{{ with .Values.none }}1{{ else with .Values.name }}{{ . }}{{ end }}", "x"),
        ("{{ range .Values.list }}{{ . }},{{ end }}", "a,b,c,"),
        ("{{ range $i, $v := .Values.list }}{{ $i }}{{ $v }}{{ end }}", "0a1b2c"),
        ("{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }}", "k1=v1;k2=v2;"),
        ("{{ range .Values.none }}1{{ else }}empty{{ end }}", "empty"),
        ("{{ range 3 }}{{ . }}{{ end }}", "012"),
        ("{{ range .Values.list }}{{ if eq . \"b\" }}{{ continue }}{{ end }}{{ . }}{{ end }}", "ac"),
        ("{{ range .Values.list }}{{ if eq . \"b\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "a"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}", "1"),
        ("{{ define \"t\" }}[{{ .name }}]{{ end }}{{ template \"t\" .Values }}", "[x]"),
        ("{{ block \"b\" .Values }}{{ .name }}{{ end }}", "x"),
        ("{{ (index .Values.list 1) }}{{ index .Values.map \"k1\" }}", "bv1"),
        ("{{ .Values.list | len | printf \"%03d\" }}", "003"),
        ("{{ and 1 0 2 }} {{ or 0 \"\" 5 }} {{ not 0 }}", "0 5 true"),
        ("{{ or .Values.name .Values.none.nothing }}", "x"),
        (
            "{{ eq .Values.count 1 2 3 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le \"a\" \"a\" }} {{ gt 2.5 2 }} {{ ge 1 2 }}",
            "true true true true true false"
        ),
        ("{{ slice \"hello\" 1 3 }}{{ slice .Values.list 1 }}", "el[b c]"),
        ("{{ print 1 2 \"a\" \"b\" 3 }}", "1 2ab3"),
        ("{{ .Values.map }} {{ .Values.list }} {{ .Values.yes }}", "map[k1:v1 k2:v2] [a b c] true"),
        ("{{ .Values.absent }}|{{ .Values.none }}", "<no value>|<no value>"),
        (
            "{{ .ObjectMeta.Name }}|{{ .ObjectMeta.GenerateName }}|{{ .ObjectMeta.Labels.app }}|{{ .Spec.X.Y }}",
            "pod||web|"
        ),
        ("{{ $.Values.name }}{{ with .Values.map }}{{ $.Values.name }}{{ end }}", "xx"),
    ])
    func rendersAsGoDoes(_ template: String, _ text: String) throws {
        #expect(try GoTemplate(parsing: template).render(with: Self.data) == text)
    }

    @Test(arguments: [
        ("{{ .Values.name", 1, 1), ("a\n{{ if .x }}", 2, 4), ("{{ end }}", 1, 4), ("{{ nothing 1 }}", 1, 4),
        ("{{ $x }}", 1, 4), ("ä\n  {{ 1 | 2 }}", 2, 10), ("{{ break }}", 1, 4), ("{{ \"a }}", 1, 4),
        ("{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}", 1, 14), ("{{ 1 2 }}", 1, 4), ("{{ }}", 1, 4),
        ("{{ ( 1 }}", 1, 8), ("{{ /* x }}", 1, 4), ("{{ 12abc }}", 1, 4), ("{{ template x }}", 1, 13),
        ("{{ range 1 }}{{ else }}{{ else }}{{ end }}", 1, 17), ("{{ . . }}", 1, 4), ("{{ % }}", 1, 4),
    ])
    func whatIsNoTemplateIsToldWithItsPlace(_ template: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: TemplateError.self) { try GoTemplate(parsing: template) }
        #expect(error?.line == line)
        #expect(error?.column == column, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("{{ .Values.absent.field }}", 1, 4), ("x\n{{ index .Values.list 9 }}", 2, 4),
        ("{{ template \"none\" }}", 1, 4),
        ("{{ fail \"stop\" }}", 1, 4), ("{{ eq 1 \"a\" }}", 1, 4), ("{{ .Values.name.x }}", 1, 4),
        ("{{ range \"text\" }}{{ end }}", 1, 10), ("{{ len 3 }}", 1, 4), ("{{ annotation 1 }}", 1, 4),
        ("{{ div 1 0 }}", 1, 4),
    ])
    func whatCannotBeRenderedIsToldWithItsPlace(_ template: String, _ line: Int, _ column: Int) throws {
        let parsed = try GoTemplate(parsing: template)
        let error = #expect(throws: TemplateError.self) { try parsed.render(with: Self.data) }
        #expect(error?.line == line)
        #expect(error?.column == column, "\(error?.description ?? "")")
    }
}
