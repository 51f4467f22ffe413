using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads <c>when:</c> and <c>except:</c>. The keys of one mapping are anded.</summary>
internal static class ConditionsReader
{
    /// <param name="fields">The mapping.</param>
    /// <param name="names">The names that may be referred to.</param>
    /// <param name="loosens">True where the condition lets something through that would not pass else: a label then needs a setter.</param>
    public static Condition Read(Fields fields, KnownNames names, bool loosens)
    {
        var parts = new List<Condition>();
        if (fields.Patterns("paths") is { } paths)
            parts.Add(new Touches(paths, Only: false));
        if (fields.Patterns("only-paths") is { } only)
            parts.Add(new Touches(only, Only: true));
        if (fields.Has("authors"))
            parts.Add(Authors(fields, names));
        if (fields.Has("labels"))
            parts.Add(Labels(fields, names, loosens));
        if (fields.Patterns("trunks", PatternOf.Branch) is { } trunks)
            parts.Add(new ForTrunks(trunks));
        if (fields.Has("size"))
            parts.Add(new NoLarger(SizeReader.Read(fields)));
        if (fields.Has("draft"))
            parts.Add(new IsDraft(fields.Flag("draft", false)));
        if (fields.Has("any"))
            parts.Add(new OneHolds(Nested(fields, "any", names, loosens)));
        if (fields.Has("all"))
            parts.Add(new AllHold(Nested(fields, "all", names, loosens)));
        if (fields.Mapping("not") is { } not)
            parts.Add(new HoldsNot(Read(not, names, loosens: !loosens)));
        fields.Done("a condition");
        if (parts.Count == 0)
            fields.Error("a condition is empty");
        return parts.Count == 1 ? parts[0] : new AllHold([.. parts]);
    }

    private static WrittenBy Authors(Fields fields, KnownNames names)
    {
        if (!fields.IsMapping("authors"))
            return new(names.GroupOf(fields, "authors") ?? "", Outside: false);

        var outside = fields.Mapping("authors");
        var group = outside is null ? null : names.GroupOf(outside, "outside", required: true);
        outside?.Done("\"authors\"");
        return new(group ?? "", Outside: true);
    }

    private static HasLabels Labels(Fields fields, KnownNames names, bool loosens)
    {
        var labels = fields.Labels("labels") ?? [];
        if (loosens && !fields.Has("set-by"))
            fields.Error("a label that loosens something needs \"set-by\": the group whose members may set it");
        return new(labels, names.GroupOf(fields, "set-by"));
    }

    private static ValueList<Condition> Nested(Fields fields, string key, KnownNames names, bool loosens)
    {
        var node = fields.Take(key);
        if (node is Node.Sequence { Items.Count: > 0 } list)
            return [.. list.Items.Select(item => Fields.Of(item, "a condition", fields.Problems)).OfType<Fields>().Select(part => Read(part, names, loosens))];
        fields.Problems.Add(new(node?.Place ?? fields.Place, $"\"{key}\" must be a list of conditions that is not empty"));
        return [];
    }
}
