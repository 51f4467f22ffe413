using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>One line of an owners file: whose approval the matching paths need. The last line that matches a path decides.</summary>
public sealed record OwnersLine(int Number, Glob Pattern, ValueList<string> Owners);

/// <summary>
/// An owners file of the trunk. Patterns are those of CODEOWNERS: without a slash they match at any depth, with a leading one from the
/// root, and a directory stands for all below it. Owners are accounts, or groups of the rules with a leading @.
/// </summary>
public sealed record OwnersFile(ValueList<OwnersLine> Lines, ValueList<string> Problems)
{
    public static OwnersFile Parse(string text)
    {
        var lines = new List<OwnersLine>();
        var problems = new List<string>();
        foreach (var (number, line) in text.Split('\n').Select((line, index) => (index + 1, line.Split('#')[0].Trim())))
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (Glob.TryParse(Anchor(words[0]), out var problem) is { } pattern)
                lines.Add(new(number, pattern, [.. words.Skip(1)]));
            else
                problems.Add($"line {number}: {problem}");
        }

        return new([.. lines], [.. problems]);
    }

    /// <summary>The same with its people named as the forge names them; groups keep their names.</summary>
    public OwnersFile Known(Func<string, string> account) =>
        this with { Lines = [.. Lines.Select(line => line with { Owners = [.. line.Owners.Select(owner => owner.StartsWith('@') ? owner : account(owner))] })] };

    /// <summary>Null when no line matches; a line without owners says that nobody owns the path.</summary>
    public OwnersLine? For(string path) => Lines.LastOrDefault(line => line.Pattern.Matches(path));

    private static string Anchor(string pattern)
    {
        var rooted = pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        var body = pattern.Trim('/');
        var anchored = rooted ? body : $"**/{body}";
        return body == "*" ? "**" : pattern.EndsWith("/*", StringComparison.Ordinal) ? anchored : $"{{{anchored},{anchored}/**}}";
    }
}

/// <summary>Every changed path with an owner in the trunk's file is approved by one of its owners.</summary>
public sealed record OwnersApprove(string File) : Requirement
{
    /// <summary>The group that approves paths without an owner; null where those need nobody.</summary>
    public string? Unowned { get; init; }

    public bool AuthorCounts { get; init; }

    public override IEnumerable<string> Groups => new[] { Unowned }.OfType<string>();

    public override Verdict Judge(Circumstances now)
    {
        var name = $"owners ({File})";
        if (!now.Owners.TryGetValue(File, out var owners))
            return Verdict.Wait(name, $"the trunk has no {File}");
        if (owners.Problems.Count > 0)
            return Verdict.Wait(name, $"{File} cannot be read: {string.Join("; ", owners.Problems)}");
        if (now.ChangedPaths is not { } paths)
            return Verdict.Wait(name, "the changed paths are not known");

        var approving = Standing.Of(now).Where(standing => standing.Approves).Select(standing => standing.By)
            .Where(by => SecondEyes.WhyNot(by, now, Membership.Anyone, self: false, coAuthors: false) is null).ToHashSet();
        if (AuthorCounts)
            approving.Add(now.Change.Author);

        var unmet = paths.GroupBy(path => Key(owners.For(path))).Select(group => Judge(group.Key, [.. group], approving, now)).ToList();
        return unmet.Count == 0 ? Verdict.Pass(name, "no path has an owner") : Verdict.All(name, unmet);
    }

    private string Key(OwnersLine? line) => line is { Owners.Count: > 0 } ? string.Join(' ', line.Owners) : Unowned is null ? "" : $"@{Unowned}";

    private static Verdict Judge(string owners, List<string> paths, HashSet<Account> approving, Circumstances now)
    {
        var name = paths.Count == 1 ? paths[0] : $"{paths[0]} and {paths.Count - 1} more";
        if (owners.Length == 0)
            return Verdict.Pass(name, $"{name} needs no owner");

        var people = new HashSet<Account>();
        foreach (var owner in owners.Split(' '))
        {
            if (!owner.StartsWith('@'))
                people.Add(new(owner));
            else if (now.People.Unreadable(owner[1..]) is { } why)
                return Verdict.Wait(name, $"{name}: {why}");
            else
                people.UnionWith(now.People.Of(owner[1..]));
        }

        return people.FirstOrDefault(approving.Contains) is { Name: not null } who
            ? Verdict.Pass(name, $"{name}: approved by its owner {who}")
            : Verdict.Wait(name, $"{name} needs an approval by an owner: {owners}", [.. people.Select(person => person.Name)]);
    }
}
