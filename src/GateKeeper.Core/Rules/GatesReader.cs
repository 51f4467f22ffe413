using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads <c>gates:</c>: the list, and what each gate says beside its requirement.</summary>
internal static class GatesReader
{
    private const int MostGates = 1000;

    /// <summary>Null where there are more than are read: then nothing can be said of what names them, or is named by them.</summary>
    public static List<Gate>? Read(Fields file, KnownNames names)
    {
        var gates = new List<Gate>();
        var node = file.Take("gates");
        if (node is not Node.Sequence { Items.Count: > 0 } list)
        {
            file.Problems.Add(new(node?.Place ?? file.Place, "\"gates\" must be a list of at least one gate: without a gate nothing may land"));
            return gates;
        }

        if (list.Items.Count > MostGates)
        {
            file.Problems.Add(new(list.Place, $"there are {list.Items.Count:N0} gates; at most {MostGates:N0} are read"));
            return null;
        }

        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            if (Fields.Of(item, "a gate", file.Problems) is not { } fields)
                continue;
            var gate = One(fields, names);
            if (gate.InsteadOf is { } other && !before.Contains(other))
                fields.Error($"instead-of names \"{other}\", which is no gate before this one{fields.Problems.Hint(other, before)}");
            if (!before.Add(gate.Name))
                fields.Error($"there are two gates named \"{gate.Name}\"");
            gates.Add(gate);
        }

        return gates;
    }

    private static Gate One(Fields fields, KnownNames names)
    {
        var name = fields.Text("name", required: true) ?? "";
        var when = fields.Mapping("when");
        var require = fields.Mapping("require");
        if (require is null)
            fields.Error($"gate \"{name}\" requires nothing: \"require\" is missing");
        var insteadOf = fields.Text("instead-of");
        var gate = new Gate(
            name,
            when is null ? null : ConditionsReader.Read(when, names, loosens: insteadOf is not null),
            require is null ? new AnyOf([]) : RequirementReader.Read(require, names),
            insteadOf);
        if (insteadOf is not null && when is null)
            fields.Error($"gate \"{name}\" stands instead of another, so \"when\" must say where");
        fields.Done($"gate \"{name}\"");
        fields.Problems.Places.Note(gate, fields.Place);
        return gate;
    }
}
