import Foundation
import GoTemplate
import KubernetesModel
import MeshTesting
import Testing

/// Texts near templates, made by chance: an answer or an error, never a crash, and in bounded time.
///
/// `APUS_SEED` and `APUS_RUNS` choose which and how many: `Hack/campaign template-mutations`.
@Suite struct MutationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["APUS_SEED"].flatMap { UInt64($0) } ?? 1
    private static let runs = environment["APUS_RUNS"].flatMap { UInt64($0) } ?? 20
    static let seeds = [
        "{{- $x := .Values.a.b | default \"c\" }}\n{{- range $k, $v := .ObjectMeta.Labels }}\n{{ $k }}: {{ $v | quote }}\n{{- else }}x{{- end }}",
        "{{ if and (not (isset .ObjectMeta.Annotations `a`)) (contains \"/\" .Values.image) }}{{ toYaml .Spec | nindent 4 }}{{ end }}",
        "{{ define \"t\" }}{{ with .a }}{{ . }}{{ end }}{{ end }}{{ template \"t\" (dict \"a\" 1) }}{{ printf \"%5.2f|%-3s\" 1.5 \"x\" }}",
        "{{ range until 5 }}{{ if eq . 3 }}{{ break }}{{ end }}{{ slice \"hello\" 1 . }}{{ end }}{{/* c */}}{{ 'x' }}{{ 0x1F }}",
    ]
    static let pieces = [
        "{{", "}}", "-", " ", "(", ")", "|", ".", "$", "\"", "`", "range", "end", "else", "if", ":=", "=", ",", "9",
        "define \"t\"", "template \"t\"", "index", "render", "\n", "é", "\\", "nil", "list", "until", "repeat", "%",
        "0x",
    ]

    @Test(arguments: seed..<seed + runs) func neverCrashes(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let data: JSONValue = [
            "Values": ["a": ["b": nil], "image": "x/y"], "ObjectMeta": ["labels": ["app": "a"]],
            "Spec": ["x": [1, 2.5]],
        ]
        var limits = TemplateLimits()
        limits.steps = 5000
        limits.bytes = 100_000
        limits.work = 1_000_000
        var rendered = 0
        for _ in 0..<250 {
            var characters = Array(Self.seeds[random.below(Self.seeds.count)])
            for _ in 0...random.below(4) {
                let position = random.below(characters.count + 1)
                switch random.below(3) {
                case 0 where position < characters.count: characters.remove(at: position)
                case 1: characters.insert(contentsOf: Self.pieces[random.below(Self.pieces.count)], at: position)
                default:
                    let end = min(characters.count, position + random.below(12))
                    characters.insert(contentsOf: characters[position..<end], at: random.below(characters.count + 1))
                }
            }
            if let template = try? GoTemplate(parsing: String(characters)),
                (try? template.render(with: data, limits: limits)) != nil
            {
                rendered += 1
            }
        }
        #expect(rendered > 0, "no text near a template was one: the mutations are too wild to show anything")
    }
}

extension SeededGenerator {
    fileprivate mutating func below(_ count: Int) -> Int { count > 0 ? Int(next() % UInt64(count)) : 0 }
}
