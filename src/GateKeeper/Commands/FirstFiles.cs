using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GateKeeper.Forges.Gerrit;

namespace GateKeeper.Commands;

/// <summary>The settings and the rules that a new project begins with, fitted to what was found on its server.</summary>
internal sealed record FirstFiles(string Name, string Url, string Project, string User, string Credential, IReadOnlyList<string> Trunks, GerritLabels Labels, IReadOnlyList<string> Reviewers)
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Settings()
    {
        var labels = new JsonObject { ["review"] = Labels.Review, ["gate"] = Labels.Gate };
        if (Labels.Land is not null)
            labels["land"] = Labels.Land;
        return new JsonObject
        {
            ["repositories"] = new JsonArray(new JsonObject
            {
                ["name"] = Name,
                ["forge"] = "gerrit",
                ["url"] = Url,
                ["project"] = Project,
                ["user"] = User,
                ["credential"] = Credential,
                ["trunks"] = new JsonArray([.. Trunks.Select(trunk => (JsonNode)trunk)]),
                ["labels"] = labels,
            }),
            ["work"] = "/var/lib/gatekeeper",
            ["page"] = new JsonObject { ["listen"] = "http://127.0.0.1:8380" },
        }.ToJsonString(Pretty) + "\n";
    }

    public string Rules() => $$"""
        version: 1
        trunks: [{{string.Join(", ", Trunks.Select(Quoted))}}]
        groups:
          {{(Reviewers.Count > 0
            ? $"reviewers: {{ teams: [{string.Join(", ", Reviewers.Select(Quoted))}] }}   # who may give the highest {Labels.Review}"
            : "reviewers: { users: [nobody-yet] }   # no group was found that may give the highest score: name your reviewers, or their group by teams: [...]")}}
        tests:
          unit: { run: make test }   # the command that has to succeed
        gates:
          - name: a reviewer
            require: { approvals: 1, from: reviewers, lifted-by: reviewers }
        {{(Labels.Land is null ? "" : $"""
          - name: go   # the highest {Labels.Land}, or "/gatekeeper land"
            require: {"{"} go-ahead: [author, reviewers] {"}"}

        """)}}  - name: tests
            require: { tests: all }

        """;

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Pretty);
}
