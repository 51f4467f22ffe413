using System.Text.RegularExpressions;

namespace GateKeeper.Forges.Gerrit;

/// <summary>What one project says of who may do what; it says nothing where the one who asks may not read it.</summary>
internal sealed record ProjectAccess(string Project, bool IsVisible, IReadOnlyDictionary<string, SectionDto> Sections);

/// <summary>That a group has a permission, and where that is written.</summary>
internal sealed record Grant(string Project, string Section, string Permission, string Group, RuleDto Rule)
{
    public override string ToString() => $"{Section} of {Project}";
}

/// <summary>
/// The access rules of a project and of those that it inherits from, itself first. Where it is not certain that one rule hides another,
/// neither is hidden: the doctor would rather name one right too many.
/// </summary>
internal sealed record AccessRules(IReadOnlyList<ProjectAccess> Chain)
{
    public const string Capabilities = "GLOBAL_CAPABILITIES";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);

    /// <summary>The projects whose rules may not be read; what they grant is not known.</summary>
    public IEnumerable<string> Unseen => Chain.Where(project => !project.IsVisible).Select(project => project.Project);

    /// <summary>The rules as a project further up sees them: those below it say nothing of itself.</summary>
    public IEnumerable<AccessRules> Upward => Chain.Select((_, index) => new AccessRules([.. Chain.Skip(index)]));

    /// <summary>Who is granted a permission on a ref, by group: blocked and hidden rules left out.</summary>
    public IReadOnlyList<Grant> Of(string reference, string permission)
    {
        var (grants, seen) = (new List<Grant>(), new HashSet<(string, string)>());
        var matching = Chain.SelectMany((project, distance) => project.Sections.Where(section => Matches(section.Key, reference)).Select(section => (project.Project, section.Key, section.Value, distance)))
            .OrderBy(section => !MayBeNearest(section.Key)).ThenBy(section => Kind(section.Key)).ThenByDescending(section => section.Key.Length).ThenBy(section => section.distance).ToList();
        foreach (var (project, section, told, _) in matching)
        {
            if (told.Permissions?.GetValueOrDefault(permission) is not { } found)
                continue;
            foreach (var (group, rule) in (found.Rules ?? new Dictionary<string, RuleDto>()).Where(rule => rule.Value.Action != "BLOCK" && seen.Add((section, rule.Key)) && rule.Value.Action != "DENY"))
                grants.Add(new(project, section, permission, group, rule));

            // A pattern by expression is believed to give and never to take away.
            if (found.Exclusive && Kind(section) != 1)
                break;
        }

        return [.. grants.Where(grant => !IsBlocked(grant, reference))];
    }

    /// <summary>
    /// A block stands above what any project grants. What its own project allows beside it lifts it, for whom depends; and one on a label leaves
    /// the scores outside its range: neither is believed to hide anything.
    /// </summary>
    private bool IsBlocked(Grant grant, string reference) => !grant.Permission.StartsWith("label", StringComparison.Ordinal) && Chain.Any(project =>
    {
        var told = project.Sections.Where(section => Matches(section.Key, reference)).Select(section => (section.Key, section.Value.Permissions?.GetValueOrDefault(grant.Permission)?.Rules ?? new Dictionary<string, RuleDto>())).ToList();
        return told.Exists(section => Kind(section.Key) != 1 && section.Item2.Any(rule => rule.Value is { Action: "BLOCK", Force: false } && Covers(rule.Key, grant.Group)))
            && !told.Exists(section => section.Item2.Values.Any(rule => rule.Action == "ALLOW"));
    });

    private static bool Covers(string group, string other) => group == other || group == KnownGroups.Anonymous || (group == KnownGroups.Registered && other != KnownGroups.Anonymous);

    /// <summary>An exact name first, then what may be anything, then the beginnings of names: a star is one only behind a slash, else it is a letter.</summary>
    private static int Kind(string section) => section.StartsWith('^') || section.Contains("${", StringComparison.Ordinal) ? 1 : section.EndsWith("/*", StringComparison.Ordinal) ? 2 : 0;

    /// <summary>An expression that fits only so many names may be as near to a ref as the ref's own name, and a server then takes it first.</summary>
    private static bool MayBeNearest(string section) => section.StartsWith('^') && section.IndexOfAny(['*', '+', '{']) < 0;

    private static bool Matches(string section, string reference) => Kind(section) switch
    {
        0 => section == reference,
        1 => Expressed(section, reference),
        _ => reference.StartsWith(section[..^1], StringComparison.Ordinal),
    };

    /// <summary>An expression that cannot be followed is taken to fit everything.</summary>
    private static bool Expressed(string section, string reference)
    {
        try
        {
            var pattern = section.StartsWith('^') ? section[1..] : Regex.Escape(section).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\$\\{", "${", StringComparison.Ordinal);
            pattern = pattern.Replace("${username}", "[^/]+", StringComparison.Ordinal).Replace("${shardeduserid}", "[0-9/]+", StringComparison.Ordinal);
            return Regex.IsMatch(reference, $@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Long);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
        {
            return true;
        }
    }
}

/// <summary>The groups that every server has.</summary>
internal static class KnownGroups
{
    public const string Anonymous = "global:Anonymous-Users";
    public const string Registered = "global:Registered-Users";
    public const string Owners = "global:Project-Owners";
    public const string ChangeOwner = "global:Change-Owner";
}
