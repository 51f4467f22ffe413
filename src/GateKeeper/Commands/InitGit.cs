using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GateKeeper.Forges.PlainGit;

namespace GateKeeper.Commands;

/// <summary>How a plain git repository begins: settings and first rules, from what its guard was told.</summary>
internal static class InitGit
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Make()
    {
        var directory = new Argument<string>("directory") { Description = "The bare repository on this machine." };
        var settings = new Option<string>("--settings") { Description = "The settings to write.", DefaultValueFactory = _ => "settings.json" };
        var rules = new Option<string>("--rules") { Description = "The first rules to write.", DefaultValueFactory = _ => "rules.yaml" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Write over files that are there." };
        var command = new Command("git", """
            Write settings and first rules for a bare git repository, with the trunks and the accounts that its guard was told.
            Nothing in the repository is changed. 0 when both are written; 2 for a wrong question.

            Example:
              gatekeeper guard /srv/git/tool.git --trunk main --accounts accounts.json
              gatekeeper init git /srv/git/tool.git
            """) { directory, settings, rules, overwrite };
        return command.Does(async (parsed, cancellation) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(directory)!).TrimEnd('/');
            if (!File.Exists(Path.Combine(path, "HEAD")) || !Directory.Exists(Path.Combine(path, "objects")))
                throw new UsageException($"{path} is no bare repository: git init --bare --initial-branch=main {path} makes one");
            if (GuardSettings.ReadOrNull(path) is not { } guard)
                throw new UsageException($"{path} has no guard, and without one no vote counts. First: gatekeeper guard {path} --trunk main --accounts accounts.json");
            var (settingsFile, rulesFile) = (parsed.GetValue(settings)!, parsed.GetValue(rules)!);
            foreach (var (file, option) in ((string, string)[])[(settingsFile, "--settings"), (rulesFile, "--rules")])
            {
                if (File.Exists(file) && !parsed.GetValue(overwrite))
                    throw new UsageException($"{file} is there already: name another by {option}, or say --overwrite");
            }

            var people = Accounts.Parse(await File.ReadAllTextAsync(Path.Combine(path, GuardSettings.Folder, "accounts.json"), cancellation)).Names.Where(name => name != guard.Gate).ToList();
            var name = InitCommand.Name(path.EndsWith(".git", StringComparison.Ordinal) ? path[..^".git".Length] : path);
            var text = InitCommand.Checked(Rules(guard.Trunks, people));
            await File.WriteAllTextAsync(settingsFile, Settings(name, path, guard), cancellation);
            await File.WriteAllTextAsync(rulesFile, text, cancellation);
            var trunk = guard.Trunks.FirstOrDefault(each => !each.Contains('*', StringComparison.Ordinal)) ?? "NAME";
            Console.WriteLine($"""
                {settingsFile} and {rulesFile} are written. Look at them, name the tests in {rulesFile}, and then
                  gatekeeper rules install {rulesFile} --trunk {trunk} --reason "first rules" --config {settingsFile}
                  gatekeeper run --config {settingsFile}
                """);
            return ExitCodes.Fine;
        });
    }

    private static string Settings(string name, string path, GuardSettings guard) => new JsonObject
    {
        ["repositories"] = new JsonArray(new JsonObject
        {
            ["name"] = name,
            ["forge"] = "git",
            ["url"] = path,
            ["trunks"] = List(guard.Trunks),
            ["user"] = guard.Gate,
        }),
        ["work"] = "/var/lib/gatekeeper",
        ["page"] = new JsonObject { ["listen"] = "http://127.0.0.1:8380" },
    }.ToJsonString(Pretty) + "\n";

    private static string Rules(IReadOnlyList<string> trunks, List<string> people) => $$"""
        version: 1
        trunks: [{{string.Join(", ", trunks.Select(Quoted))}}]
        groups:
          core: { users: [{{(people.Count > 0 ? string.Join(", ", people.Select(Quoted)) : "nobody-yet")}}] }{{(people.Count > 1 ? "" : "   # nobody approves a change of their own: name at least two")}}
        tests:
          unit: { run: "true" }   # in its place the command that has to succeed, such as make test
        gates:
          - name: a core reviewer
            require: { approvals: 1, from: core, lifted-by: core }
          - name: tests
            require: { tests: all }

        """;

    private static JsonArray List(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Pretty);
}
