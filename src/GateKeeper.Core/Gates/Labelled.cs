using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Labels that must be there (each of <see cref="Every"/>, one that matches each list of <see cref="Some"/>) or absent.</summary>
public sealed record LabelsAre(ValueList<Glob> Every, ValueList<Glob> Some, ValueList<Glob> None) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        const string name = "labels";
        if (!now.Forge.HasLabels)
            return Verdict.Wait(name, $"{now.Forge.Name} has no labels");

        var labels = now.Change.Labels.Select(label => label.Name).ToList();
        var missing = Every.Where(wanted => !labels.Exists(wanted.Matches)).Select(wanted => $"the label {wanted} is missing").ToList();
        if (Some.Count > 0 && !Some.Any(wanted => labels.Exists(wanted.Matches)))
            missing.Add($"none of the labels {string.Join(", ", Some)} is set");
        missing.AddRange(labels.Where(label => None.Any(unwanted => unwanted.Matches(label))).Select(label => $"the label {label} is set"));
        return missing.Count == 0 ? Verdict.Pass(name, "the labels are right") : Verdict.Wait(name, string.Join("; ", missing), now.Change.Author.Name);
    }
}
