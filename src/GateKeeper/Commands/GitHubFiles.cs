using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GateKeeper.Core.Rules;
using GateKeeper.Forges.GitHub;
using GateKeeper.Status;

namespace GateKeeper.Commands;

/// <summary>The settings, the rules and the App's manifest that a repository on GitHub begins with, fitted to what was found of it.</summary>
/// <param name="Url">Where people reach the host.</param>
/// <param name="Owner">The organization or the person.</param>
/// <param name="Name">The repository.</param>
/// <param name="Trunks">As the operator named them, or the default branch.</param>
/// <param name="App">The App's id; null where there is none yet, or none is to be.</param>
/// <param name="ByToken">Whether the gate is to have a token of an account in place of an App.</param>
/// <param name="Credential">Where its key or token lies.</param>
/// <param name="Page">Where people and GitHub reach the worker; null where they do not.</param>
/// <param name="Found">What was found.</param>
internal sealed record GitHubFiles(string Url, string Owner, string Name, IReadOnlyList<string> Trunks, string? App, bool ByToken, string Credential, string? Page, GitHubBeginning Found)
{
    public const string AppIsMissing = "THE-ID-OF-THE-APP";
    private const string Nobody = "nobody-yet";
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Settings()
    {
        var repository = new JsonObject
        {
            ["name"] = Name.TrimStart('.', '-', '_') is { Length: > 0 } name ? name : "project",
            ["forge"] = "github",
            ["url"] = Url,
            ["project"] = $"{Owner}/{Name}",
            ["trunks"] = new JsonArray([.. Trunks.Select(trunk => (JsonNode)trunk)]),
        };
        if (!ByToken)
            repository["app"] = App ?? AppIsMissing;
        repository["credential"] = Credential;
        repository["publish"] = "refs/heads/gatekeeper/";
        if (Page is not null && !ByToken)
            repository["webhook"] = new JsonObject { ["secret"] = "file:/etc/gatekeeper/webhook.secret", ["next-secret"] = null };
        var page = new JsonObject { ["listen"] = "http://127.0.0.1:8380" };
        if (Page is not null)
            page["address"] = Page;
        return new JsonObject { ["repositories"] = new JsonArray(repository), ["work"] = "/var/lib/gatekeeper", ["page"] = page }.ToJsonString(Pretty) + "\n";
    }

    /// <summary>What the App is registered with: no more than the gate needs.</summary>
    public string Manifest()
    {
        var permissions = new JsonObject();
        foreach (var (right, level) in AppLogin.Needed.Where(need => need.Key != "members" || Found.IsOrganizations).OrderBy(need => need.Key, StringComparer.Ordinal))
            permissions[right] = level;
        var manifest = new JsonObject
        {
            ["name"] = $"{Owner}-gatekeeper",
            ["url"] = Page ?? $"{Url}{Owner}/{Name}",
            ["description"] = "Lands what has passed its gates, and nothing else.",
            ["public"] = false,
            ["redirect_url"] = "http://127.0.0.1/",
        };
        if (Page is not null)
            manifest["hook_attributes"] = new JsonObject { ["url"] = $"{Page.TrimEnd('/')}{Webhooks.Path}", ["active"] = true };
        manifest["default_permissions"] = permissions;
        manifest["default_events"] = Page is null ? new JsonArray() : new JsonArray([.. HookDoctor.Events.Where(name => Found.IsOrganizations || name is not ("membership" or "team")).Select(name => (JsonNode)name)]);
        return manifest.ToJsonString(Pretty) + "\n";
    }

    public string Rules()
    {
        var text = new StringBuilder();
        text.Append($"""
            # What may land on {string.Join(", ", Trunks)}. Changes to this file are judged by the file as it stands there before them.
            version: 1
            trunks: [{string.Join(", ", Trunks.Select(Quoted))}]

            groups:
              # Who looks after the project: they approve changes of these rules, and may lift a veto.
              maintainers: {Members(Found.Maintainers, [])}
              # Who may approve changes.
              developers: {Members(Found.Developers, ["maintainers"])}

            # What is tested. The gate tests each change merged onto the trunk, as it would land.
            tests:

            """);
        Tests(text);
        text.Append($$"""

            # What a change needs. All of these must pass.
            gates:
              # {{(Found.Approvals is { } demanded ? $"GitHub demands {demanded} {(demanded == 1 ? "approval" : "approvals")} today." : "Nobody approves his own change, nor what he wrote a part of.")}}
              - name: review
                require: { approvals: {{Math.Max(1, Found.Approvals ?? 1)}}, from: developers, lifted-by: maintainers }

            """);
        text.Append(Found.Owners is { } owners
            ? $$"""
                  # The last line of that file that fits a path says who owns it; one of them approves.
                  - name: owners
                    require: { owners: {{owners}} }

                """
            : $$"""
                  # {{(Looked ? "No CODEOWNERS was found. When there is one" : "Where there is a CODEOWNERS")}}: its owners approve what is theirs.
                  # - name: owners
                  #   require: { owners: .github/CODEOWNERS }

                """);
        text.Append("""
              # Who can change a workflow or these rules could let anything pass.
              - name: rules and workflows
                when: { paths: [rules.yaml, ".github/**"] }
                require: { approvals: 1, from: maintainers, lifted-by: maintainers }
              # The author, or who approved, says when: a comment "/gatekeeper land". Without this gate a change lands as soon as it may.
              - name: go
                require: { go-ahead: [author, developers] }
              - name: tests
                require: { tests: all }

            landing:

            """);
        text.Append(Method()).Append("""
              window: 10   # how many changes are tested at once, each on those before it
              # What lands says what the description says, without the comments that a template leaves there.
              message: { subject: "{title} (#{number})", body: "{description}", without-comments: true }

            """);
        return text.ToString();
    }

    private bool Looked => Found.DefaultBranch is not null;

    private string Method() => Found.Method switch
    {
        LandingMethod.Squash => "  method: squash   # as the repository lands today; GitHub merges, and the gate compares what it made with what was tested\n",
        LandingMethod.Rebase => "  method: rebase   # as the repository lands today; GitHub merges, and the gate compares what it made with what was tested\n",
        _ => "  method: merge   # what was tested is the very commit that lands; or fast-forward, squash, rebase\n",
    };

    private string Members(IReadOnlyList<string> teams, IReadOnlyList<string> groups)
    {
        var parts = new List<string>();
        if (teams.Count > 0)
            parts.Add($"teams: [{string.Join(", ", teams.Select(Quoted))}]");
        if (groups.Count > 0)
            parts.Add($"groups: [{string.Join(", ", groups)}]");
        return teams.Count > 0 ? $"{{ {string.Join(", ", parts)} }}"
            : !Found.IsOrganizations && groups.Count == 0 ? $"{{ users: [{Quoted(Owner)}] }}"
            : parts.Count > 0 ? $"{{ {string.Join(", ", parts)} }}   # {(Looked ? "no further team was found that may write: " : "")}add teams: [{Owner}/TEAM], or users: [...]"
            : $"{{ users: [{Nobody}] }}   # {(Looked ? "no team was found that maintains it: " : "")}name yours, teams: [{Owner}/TEAM], or users: [...]";
    }

    private void Tests(StringBuilder text)
    {
        var names = new HashSet<string>();
        var real = Found.Checks.Where(check => IsUsable(check) && check.Demanded).ToList();
        if (Found.Test is not null || real.Count == 0)
            names.Add("unit");
        if (Found.Test is { } guess)
            text.Append($"  # The gate runs it by itself, in a sandbox without network; what it needs from there a \"prepare\" step brings.\n  unit: {{ run: {Quoted(guess)} }}   # by the files at the root; the command that has to succeed\n");
        else if (real.Count == 0)
            text.Append("  unit: { run: make test }   # the command that has to succeed\n");
        foreach (var check in Found.Checks)
        {
            var name = Unused(names, check.Name);
            var entry = IsUsable(check) ? $"{name}: {{ check: {Quoted(check.Name)}, from: {From(check)}{(check.App == "github-actions" ? "" : ", on: revision")}, timeout: 60m }}" : $"{name}: {{ check: {Quoted(check.Name)}, from: ... }}";
            if (real.Contains(check))
                text.Append($"  # GitHub demands it today.{(check.App == "github-actions" ? $" {check.Workflow} must run on: push of gatekeeper/** for it." : " It is looked for on the change itself, not on the merge.")}\n  {entry}\n");
            else
                text.Append($"  # {(check.Demanded ? "GitHub demands it today, and nobody reported it on the tip: say whose it is." : IsUsable(check) ? "Reported on the tip today; take the # away to wait for it." : "Reported on the tip today; which workflow makes it was not seen.")}\n  # {entry}\n");
        }
    }

    /// <summary>Whether enough is known of where a check comes from: GitHub Actions is everybody's, so there it takes the file.</summary>
    private static bool IsUsable(FoundCheck check) => check.App == "github-actions" ? check.Workflow is not null && Plain(check.Workflow) : check.App is not null || check.User is not null;

    private static bool Plain(string path) => path.StartsWith(".github/workflows/", StringComparison.Ordinal) && !path.Any(char.IsControl);

    private static string From(FoundCheck check) => check switch
    {
        { App: "github-actions" } => $"{{ app: github-actions, workflow: {Quoted(check.Workflow!)}, event: push }}",
        { App: { } app } => $"{{ app: {Quoted(app)} }}",
        _ => $"{{ user: {Quoted(check.User ?? "")} }}",
    };

    /// <summary>A name that a test can have, of a check that may be called anything.</summary>
    private static string Unused(HashSet<string> names, string check)
    {
        var plain = string.Concat(check.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' ? letter : '-')).Trim('-', '.');
        plain = plain is "" or "all" ? "check" : plain;
        var name = plain;
        for (var more = 2; !names.Add(name); more++)
            name = $"{plain}-{more}";
        return name;
    }

    /// <summary>As YAML and JSON both take it, on one line.</summary>
    private static string Quoted(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-' or '_' or '.') && text.Length > 0 && char.IsAsciiLetter(text[0]) && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off") ? text : JsonSerializer.Serialize(text, Pretty);
}
