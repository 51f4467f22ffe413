using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads <c>require:</c>: which requirement a mapping holds, and those that hold others. Each subject has a reader of its own.</summary>
internal static class RequirementReader
{
    public static Requirement Read(Fields fields, KnownNames names)
    {
        var requirement = Single(fields, names);
        foreach (var key in fields.Names.Where(ConditionsReader.Keys.Contains).ToList())
        {
            fields.Error(key, $"\"{key}\" is a condition, and no requirement: it stands in \"when\" of the gate, or in not: {{ {key}: ... }}, which forbids it");
            fields.Take(key);
        }

        fields.Done("\"require\"");
        if (requirement is not null)
            return requirement;
        fields.Error("\"require\" must hold one requirement, all: [...] or any: [...]");
        return new AnyOf([]);
    }

    private static Requirement? Single(Fields fields, KnownNames names)
    {
        var kinds = Kinds.Where(kind => fields.Has(kind.Key)).ToList();
        if (kinds.Count == 0)
            return null;
        if (kinds.Count > 1)
            fields.Error($"one requirement at a time: put {string.Join(" and ", kinds.Select(kind => kind.Key))} into all: [...]");
        var place = fields.PlaceOf(kinds[0].Key);
        var requirement = kinds[0].Value(fields, names);
        foreach (var (key, _) in kinds.Skip(1))
            fields.Take(key);
        foreach (var part in requirement.Flatten())
            fields.Problems.Places.Note(part, place);
        return requirement;
    }

    /// <summary>Whether a requirement goes by this name.</summary>
    public static bool Knows(string key) => Kinds.ContainsKey(key);

    private static Dictionary<string, Func<Fields, KnownNames, Requirement>> Kinds { get; } = new()
    {
        ["approvals"] = VoteRequirements.Approvals,
        ["no-veto-from"] = VoteRequirements.NoVeto,
        ["vote"] = VoteRequirements.LabelVote,
        ["no-vote"] = VoteRequirements.NoLabelVote,
        ["go-ahead"] = VoteRequirements.GoAhead,
        ["owners"] = VoteRequirements.Owners,
        ["tests"] = TestRequirements.Tests,
        ["labels"] = (fields, _) => ShapeRequirements.Labels(fields),
        ["any-label"] = (fields, _) => ShapeRequirements.Labels(fields),
        ["no-labels"] = (fields, _) => ShapeRequirements.Labels(fields),
        ["trailer"] = (fields, _) => ShapeRequirements.Trailer(fields),
        ["message"] = (fields, _) => ShapeRequirements.Message(fields),
        ["commits"] = (fields, _) => ShapeRequirements.Commits(fields),
        ["linear"] = (fields, _) => ShapeRequirements.Commits(fields),
        ["signed"] = SignatureRequirements.Signed,
        ["size"] = (fields, _) => new SizeIs(SizeReader.Read(fields)),
        ["not"] = Not,
        ["all"] = (fields, names) => new AllOf(Parts(fields, "all", names), fields.Flag("different-people", false)),
        ["any"] = (fields, names) => new AnyOf(Parts(fields, "any", names)),
    };

    /// <summary>What holds is forbidden, so the condition itself loosens nothing; what is negated within it does.</summary>
    private static Requirement Not(Fields fields, KnownNames names) =>
        fields.Mapping("not") is { } not ? new Forbidden(ConditionsReader.Read(not, names, loosens: false)) : new AnyOf([]);

    private static ValueList<Requirement> Parts(Fields fields, string key, KnownNames names)
    {
        var node = fields.Take(key);
        if (node is not Node.Sequence { Items.Count: > 0 } list)
        {
            fields.Problems.Add(new(node?.Place ?? fields.Place, $"\"{key}\" must be a list of requirements that is not empty"));
            return [];
        }

        return [.. list.Items.Select(item => Fields.Of(item, "a requirement", fields.Problems)).OfType<Fields>().Select(part => Read(part, names))];
    }
}
