using System.Text.RegularExpressions;

namespace GateKeeper.Tests;

/// <summary>What docs/operating.md lists is what the program has.</summary>
public sealed class OperatorsGuide
{
    [Test]
    public void Every_alarm_is_in_the_table_and_the_table_names_no_other()
    {
        var raised = Directory.EnumerateFiles(Path.Combine(HouseRules.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Raised(File.ReadAllText(file))).Distinct();
        var guide = File.ReadAllText(Path.Combine(HouseRules.Root, "docs/operating.md"));
        var told = Regex.Matches(guide[guide.IndexOf("\n## Alarms\n", StringComparison.Ordinal)..guide.IndexOf("\n## What is where\n", StringComparison.Ordinal)], "^\\| `(?<name>[a-z-]+)[:`]", RegexOptions.Multiline)
            .Select(match => match.Groups["name"].Value);

        Assert.That(told, Is.EquivalentTo(raised));
    }

    /// <summary>By its name, or by a constant of the same file that holds the name.</summary>
    private static IEnumerable<string> Raised(string source) =>
        Regex.Matches(source, """(?:\b(?:Raise|Stop)\(|\b(?:alarm|prefix) = |\bAlarm\([^)]*\) => )\$?"(?:(?<name>[a-z-]+)[:"]|\{(?<constant>[A-Z]\w*)\}:)""")
            .Select(match => match.Groups["constant"] is { Success: true, Value: var constant } ? Regex.Match(source, $"""const string {constant} = "(?<name>[a-z-]+)";""").Groups["name"].Value : match.Groups["name"].Value);
}
