using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>The rules of a trunk, as its <c>rules.yaml</c> states them: everything checked, every default filled in.</summary>
public sealed record Ruleset
{
    public PatternList Trunks { get; init; } = PatternList.Of("main", PatternOf.Branch);

    public ValueList<GroupDefinition> Groups { get; init; } = [];

    public Rights May { get; init; } = new();

    public ValueList<TestDefinition> Tests { get; init; } = [];

    public ValueList<Gate> Gates { get; init; } = [];

    public bool CarrySameDiff { get; init; }

    public LandingRules Landing { get; init; } = new();

    public ValueList<Freeze> Freezes { get; init; } = [];

    /// <summary>The tests that some gate requires, in the order of the file.</summary>
    public IEnumerable<TestDefinition> Required => RequiredNames is var names ? Tests.Where(test => names.Contains(test.Name)) : [];

    /// <summary>The names that some gate requires. Gates that require all tests share one list, which is read once.</summary>
    internal IReadOnlySet<string> RequiredNames => Gates.SelectMany(gate => gate.Require.Flatten()).OfType<TestsPass>().Select(tests => tests.Names)
        .Distinct(ReferenceEqualityComparer.Instance).Cast<ValueList<string>>().SelectMany(names => names).ToHashSet(StringComparer.Ordinal);

    /// <summary>What sizes of changes leave out, wherever the file asks for one; null where nothing in it depends on a size.</summary>
    public ValueList<PatternList>? Measured
    {
        get
        {
            List<SizeLimit> sizes =
            [
                .. Gates.SelectMany(gate => gate.Require.Flatten()).OfType<SizeIs>().Select(size => size.Limit),
                .. Gates.SelectMany(gate => gate.Require.Flatten()).OfType<Forbidden>().SelectMany(part => part.Condition.Sizes),
                .. Gates.Select(gate => gate.When).Concat(Landing.Priority.Select(rule => rule.When)).Concat(Freezes.Select(freeze => freeze.Except)).OfType<Condition>().SelectMany(condition => condition.Sizes),
            ];
            return sizes.Count == 0 ? null : [.. sizes.Select(size => size.Except).OfType<PatternList>().Distinct()];
        }
    }

    /// <summary>Whether anything in the file depends on who signed commits.</summary>
    public bool AsksForSignatures => Gates.Any(gate => gate.Require.Flatten().Any(part => part is SignedCommits));

    public bool Guards(string trunk) => Trunks.Matches(trunk);
}

/// <summary>One named gate: when it applies, what it then demands, and which gate it stands instead of.</summary>
public sealed record Gate(string Name, Condition? When, Requirement Require, string? InsteadOf)
{
    /// <summary>Whether somebody's word is needed on every change to what this pattern matches.</summary>
    public bool Guards(Glob place) => InsteadOf is null && NeedsSomebody(Require)
        && (When is null || (When is Touches { Only: false } touches && touches.Patterns.Covers(place)));

    /// <summary>Of a choice each branch must ask for somebody's word, and owners guard only what has some.</summary>
    internal static bool NeedsSomebody(Requirement requirement) => requirement switch
    {
        AllOf all => all.Parts.Any(NeedsSomebody),
        AnyOf any => any.Parts.All(NeedsSomebody),
        OwnersApprove owners => owners.Unowned is not null,
        _ => requirement is Approvals or LabelVote,
    };

    public bool RequiresTests => Require.Flatten().Any(part => part is TestsPass);
}

/// <summary>People named in the rules: accounts, the forge's teams, other groups, less those excepted.</summary>
public sealed record GroupDefinition(string Name)
{
    public ValueList<string> Users { get; init; } = [];

    public ValueList<string> Teams { get; init; } = [];

    public ValueList<string> Groups { get; init; } = [];

    public ValueList<string> Except { get; init; } = [];
}

/// <summary>Who may ask the gate for what: group names, and "author".</summary>
public sealed record Rights
{
    public ValueList<string> Hold { get; init; } = [];

    public ValueList<string> Retry { get; init; } = [];

    public ValueList<string> Land { get; init; } = [];

    public ValueList<string> Test { get; init; } = [];

    public ValueList<string> Explain { get; init; } = [];

    public ValueList<string> Priority { get; init; } = [];

    public ValueList<string> Freeze { get; init; } = [];

    public OverrideRight? Override { get; init; }

    public ValueList<string> For(RequestKind kind) => kind switch
    {
        RequestKind.Hold or RequestKind.Unhold => Hold,
        RequestKind.Retry => Retry,
        RequestKind.Land => Land,
        RequestKind.Test => Test,
        RequestKind.Explain => Explain,
        RequestKind.Priority => Priority,
        RequestKind.Freeze or RequestKind.Unfreeze => Freeze,
        RequestKind.Override => Override?.From ?? [],
        RequestKind.Confirm => Override?.Second ?? [],
        _ => [],
    };
}

/// <summary>Who may lift gates for one revision, who must confirm it, and which gates; no names means any but those that require tests.</summary>
public sealed record OverrideRight(ValueList<string> From, ValueList<string> Second, ValueList<string> Gates);

public enum LandingMethod
{
    Merge,
    Squash,
    Rebase,
    FastForward,
}

/// <summary>How changes land: the method, the window, the words, and what goes first.</summary>
public sealed record LandingRules
{
    public LandingMethod Method { get; init; } = LandingMethod.Merge;

    public int Window { get; init; } = 20;

    public string Subject { get; init; } = "{title} ({number})";

    public string Body { get; init; } = "{description}";

    /// <summary>Trailers that the rules word, beside those of the gate's own; a value may have places to fill in.</summary>
    public ValueList<Trailer> Trailers { get; init; } = [];

    /// <summary>What of a description does not land.</summary>
    public LeftOut LeftOut { get; init; } = LeftOut.Nothing;

    /// <summary>Whether what lands says who approved it.</summary>
    public bool NamesApprovers => Trailers.Select(trailer => trailer.Value).Append(Subject).Append(Body).Any(text => text.Contains("{approvers}", StringComparison.Ordinal));

    public ValueList<PriorityRule> Priority { get; init; } = [];
}

public sealed record PriorityRule(Condition When, int Value);
