using System.Text.RegularExpressions;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>The documents as their readers see them: what stands beside what in a guide's tables, and the examples.</summary>
internal static partial class Documents
{
    /// <summary>The groups that the guides' short examples name.</summary>
    private const string Groups = """
        groups:
          core: { users: [bob, carol, dave] }
          maintainers: { users: [erin] }
          data: { users: [dora] }
          G: { users: [gina, gert] }
          H: { users: [hal] }
          P: { users: [pat, pam] }
        may: { land: [author, core] }
        """;

    public static string Root
    {
        get
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "GateKeeper.sln")))
                directory = Path.GetDirectoryName(directory.TrimEnd('/'))!;
            return directory;
        }
    }

    public static IEnumerable<string> Names => Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories).Concat([Path.Combine(Root, "README.md")]).Concat(Directory.GetFiles(Path.Combine(Root, "deploy"), "*.md", SearchOption.AllDirectories)).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal);

    public static string Text(string name) => File.ReadAllText(Path.Combine(Root, name));

    public static string Guide(string from) => Text($"docs/migrating-from-{from}.md");

    /// <summary>What a guide puts beside the other program's words: the first code in the second column of that row.</summary>
    public static string Here(string from, string theirs)
    {
        var rows = Guide(from).Split('\n').Where(line => line.StartsWith('|')).Select(line => Bar().Split(line)).Where(cells => cells.Length > 3 && Plain(cells[1]).Contains(theirs, StringComparison.Ordinal)).ToList();
        Assert.That(rows, Has.Exactly(1).Items, $"the guide from {from} has one row about {theirs}");
        return Code().Match(Plain(rows[0][2])).Groups[1].Value;
    }

    /// <summary>A rules file around a condition or a requirement; its one gate is called "it".</summary>
    public static Ruleset Around(string code) =>
        Make.Rules($"version: 1\n{Groups}\ngates:\n  - {{ name: it, {code.Split(':')[0] switch { "when" => $"{code}, require: {{ approvals: 1, from: core }}", "require" => code, _ => $"require: {{ {code} }}" }} }}");

    /// <summary>Every code in running text and tables that is a mapping whole.</summary>
    public static IEnumerable<string> Codes(string name) =>
        Text(name).Split('\n').Where(line => !line.StartsWith("    ", StringComparison.Ordinal)).SelectMany(line => Code().Matches(Plain(line)).Select(match => match.Groups[1].Value)).Distinct();

    /// <summary>Indented or fenced examples, without what sets them apart.</summary>
    public static IEnumerable<string> Blocks(string name)
    {
        var (block, fenced) = (new List<string>(), false);
        foreach (var line in Text(name).Split('\n').Append(""))
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            fenced ^= isFence;
            if (!isFence && (fenced || line.StartsWith("    ", StringComparison.Ordinal) || (block.Count > 0 && line.Length == 0)))
            {
                block.Add(fenced || line.Length == 0 ? line : line[4..]);
                continue;
            }

            if (block.Count > 0)
                yield return string.Join('\n', block).Trim('\n') + "\n";
            block.Clear();
        }

        if (block.Count > 0)
            yield return string.Join('\n', block).Trim('\n') + "\n";
    }

    private static string Plain(string cell) => cell.Replace(@"\|", "|", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
