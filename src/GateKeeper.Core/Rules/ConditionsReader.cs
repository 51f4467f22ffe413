using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads <c>when:</c>, <c>except:</c> and <c>not:</c>. The keys of one mapping are anded.</summary>
internal static class ConditionsReader
{
    /// <summary>The keys that no requirement has, too.</summary>
    public static readonly IReadOnlyList<string> Keys = ["paths", "only-paths", "authors", "author", "trunks", "source-branches", "repositories", "title", "draft"];

    /// <param name="fields">The mapping.</param>
    /// <param name="names">The names that may be referred to.</param>
    /// <param name="loosens">True where the condition lets something through that would not pass else.</param>
    public static Condition Read(Fields fields, KnownNames names, bool loosens) => Read(fields, names, new Side(loosens, IsException: loosens));

    private static Condition Read(Fields fields, KnownNames names, Side side)
    {
        var parts = new List<Condition>();
        if (fields.Has("authors"))
            parts.Add(GroupOrOutside(fields, "authors", names) is var (makers, others) ? new WrittenBy(makers, others) : new AllHold([]));
        if (fields.Has("labels"))
            parts.Add(Labels(fields, names, side));
        else
            Misplaced.Tell(fields, "set-by", "it says whose labels count, beside \"labels\"");
        side = side with { IsVouched = side.IsVouched || parts.Any(Side.Vouches) };
        Add(fields.Patterns("paths"), paths => new Touches(paths, Only: false));
        Add(fields.Patterns("only-paths"), only => new Touches(only, Only: true));
        Add(fields.Patterns("trunks", PatternOf.Branch), trunks => new ForTrunks(trunks));
        Add(fields.Patterns("repositories", PatternOf.Repository), repositories => new InRepository(repositories));
        if (fields.Has("author"))
            parts.Add(Author(fields, names, side));
        if (side.IsFree(fields, "title", "title"))
            Add(fields.Pattern("title", "so it holds for every change"), title => new TitleMatches(title));
        if (side.IsFree(fields, "source-branches", "branch"))
            Add(fields.Branches("source-branches"), branches => new FromBranch(branches));
        if (fields.Has("size"))
            parts.Add(new NoLarger(SizeReader.Read(fields)));
        if (fields.Has("draft"))
            parts.Add(new IsDraft(fields.Flag("draft", false)));
        if (fields.Has("any"))
            parts.Add(new OneHolds(Nested(fields, "any", names, side)));
        if (fields.Has("all"))
            parts.Add(new AllHold(Nested(fields, "all", names, side)));
        if (fields.Mapping("not") is { } not)
            parts.Add(new HoldsNot(Read(not, names, side.Negated)));
        var strange = fields.Names.Where(RequirementReader.Knows).ToList();
        foreach (var key in strange)
        {
            fields.Error(key, $"\"{key}\" is a requirement, and here stands a condition{Instead(key)}");
            fields.Take(key);
        }

        fields.Done("a condition");
        if (parts.Count + strange.Count == 0)
            fields.Error("a condition is empty");
        return parts.Count == 1 ? parts[0] : new AllHold([.. parts]);

        void Add<T>(T? read, Func<T, Condition> make)
            where T : class
        {
            if (read is not null)
                parts.Add(make(read));
        }
    }

    /// <summary>What asks for the same as a requirement.</summary>
    private static string Instead(string key) => key switch
    {
        "message" => ": for the title, write title: ...",
        "no-labels" => ": write not: { labels: [...] }",
        "any-label" => ": write any: [{ labels: [...] }, ...]",
        "owners" or "approvals" or "vote" => ": for who made the change, write authors: ...",
        _ => $": {string.Join(", ", Keys)}, size, labels, any, all and not are known",
    };

    private static AuthorIs Author(Fields fields, KnownNames names, Side side)
    {
        var place = fields.PlaceOf("author");
        var (group, outside) = GroupOrOutside(fields, "author", names);
        side.OfAuthor(fields, place, group, outside);
        return new(group, outside);
    }

    private static (string Group, bool Outside) GroupOrOutside(Fields fields, string key, KnownNames names)
    {
        if (!fields.IsMapping(key))
            return (names.GroupOf(fields, key) ?? "", false);

        var outside = fields.Mapping(key);
        var group = outside is null ? null : names.GroupOf(outside, "outside", required: true);
        outside?.Done($"\"{key}\"");
        return (group ?? "", true);
    }

    private static HasLabels Labels(Fields fields, KnownNames names, Side side)
    {
        side.OfAbsent(fields, "labels");
        var labels = fields.Labels("labels") ?? [];
        var place = fields.PlaceOf("set-by");
        if (side.Loosens && !fields.Has("set-by"))
            fields.Error("a label that loosens something needs \"set-by\": the group whose members may set it");
        var setBy = names.GroupOf(fields, "set-by");
        if (side.Loosens && setBy == Membership.Anyone)
            fields.Problems.Add(new(place, "everybody may set this label, and it loosens something: \"set-by\" would better name a group", IsWarning: true));
        return new(labels, setBy) { Loosens = side.Loosens };
    }

    private static ValueList<Condition> Nested(Fields fields, string key, KnownNames names, Side side)
    {
        var node = fields.Take(key);
        if (node is Node.Sequence { Items.Count: > 0 } list)
            return [.. list.Items.Select(item => Fields.Of(item, "a condition", fields.Problems)).OfType<Fields>().Select(part => Read(part, names, side))];
        fields.Problems.Add(new(node?.Place ?? fields.Place, $"\"{key}\" must be a list of conditions that is not empty"));
        return [];
    }
}
