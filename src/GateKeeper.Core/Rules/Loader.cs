using System.Text;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>What a rules file came to: the rules, or none and why. All problems are named at once; a part of a file is never used.</summary>
public sealed record LoadedRules(Ruleset? Rules, ValueList<RuleProblem> Problems)
{
    private const int MostSaid = 10;

    /// <summary>Where each part of the rules stands in the file.</summary>
    public RulePlaces Places { get; init; } = new();

    public IEnumerable<RuleProblem> Errors => Problems.Where(problem => !problem.IsWarning);

    /// <summary>The errors in one sentence, the first of them if they are many: for messages and pages.</summary>
    public string Said => Errors.ToList() is { Count: > MostSaid } many
        ? $"{string.Join("; ", many.Take(MostSaid))}; and {many.Count - MostSaid} more (gatekeeper check lists them)"
        : string.Join("; ", Errors);
}

/// <summary>Reads <c>rules.yaml</c>, strictly.</summary>
public static class RulesLoader
{
    /// <summary>A file is UTF-8, whatever its first bytes say of it: readers that guess would read it otherwise than the next one.</summary>
    public static LoadedRules Load(ReadOnlySpan<byte> content)
    {
        var text = Encoding.UTF8.GetString(content);
        return Load(text.StartsWith('\ufeff') ? text[1..] : text);
    }

    public static LoadedRules Load(string text)
    {
        var problems = new ProblemList();
        var fields = Fields.Of(Yaml.Read(text, problems), "a rules file", problems);
        var rules = fields is null ? null : Read(fields);
        return new(problems.HasErrors ? null : rules, problems.Sorted) { Places = problems.Places };
    }

    private static Ruleset? Read(Fields fields)
    {
        if (fields.Text("version", required: true) is { } version && version != "1")
            fields.Error($"version {version} is not known to this program; it reads version 1");

        var groups = GroupsReader.Read(fields);
        var names = new KnownNames(groups.Select(group => group.Name));
        var trunks = fields.Patterns("trunks", PatternOf.Branch) ?? PatternList.Of("main", PatternOf.Branch);
        if (TestsReader.Read(fields) is not { } tests)
            return null;
        names.Tests = tests;
        if (GatesReader.Read(fields, names) is not { } gates)
            return null;
        names.Gates = gates.Select(gate => gate.Name).ToHashSet(StringComparer.Ordinal);
        var may = RightsReader.Read(fields, names, gates);
        var rules = new Ruleset
        {
            Trunks = trunks,
            Groups = [.. groups],
            Tests = [.. tests],
            Gates = [.. gates],
            May = may,
            CarrySameDiff = fields.OneOf("carry-approvals", "never", "same-diff") == "same-diff",
            Landing = LandingReader.Read(fields, names),
            Freezes = [.. LandingReader.Freezes(fields, names)],
        };
        fields.Done("a rules file");
        RulesChecks.Run(rules, fields);
        return rules;
    }
}

/// <summary>The names that a rules file defines, so that every reference can be held against them.</summary>
internal sealed class KnownNames(IEnumerable<string> groups)
{
    private readonly HashSet<string> groups = [.. groups, Membership.Anyone];

    private Dictionary<string, TestDefinition> tests = [];

    public IReadOnlyCollection<TestDefinition> Tests
    {
        get => tests.Values;
        set
        {
            tests = value.ToDictionary(test => test.Name, StringComparer.Ordinal);
            Voting = [.. value.Where(test => test.Voting && test.AtQueue).Select(test => test.Name)];
        }
    }

    /// <summary>What <c>tests: all</c> stands for: one list, however many gates ask for it.</summary>
    public ValueList<string> Voting { get; private set; } = [];

    public IReadOnlySet<string> Gates { get; set; } = new HashSet<string>();

    public TestDefinition? Test(string name) => tests.GetValueOrDefault(name);

    public string? GroupOf(Fields fields, string key, bool required = false)
    {
        var place = fields.PlaceOf(key);
        if (fields.Text(key, required) is not { } name)
            return null;
        if (!groups.Contains(name))
            fields.Problems.Add(new(place, $"there is no group \"{name}\"{fields.Problems.Hint(name, groups)}"));
        return name;
    }

    public ValueList<string> GroupsOf(Fields fields, string key, bool author)
    {
        var place = fields.PlaceOf(key);
        var list = fields.List(key, single: true) ?? [];
        foreach (var name in list.Where(name => !groups.Contains(name) && !(author && name == GoAhead.Author)))
            fields.Problems.Add(new(place, $"there is no group \"{name}\"{fields.Problems.Hint(name, groups)}"));
        return list;
    }
}
