using System.Globalization;
using System.Text.RegularExpressions;

namespace GateKeeper.Forges.Gerrit;

/// <summary>Judges the labels and the server's own submit requirements: what the gate votes with, and what would hold every change up.</summary>
internal sealed partial class LabelDoctor(GerritSight sight)
{
    public static readonly IReadOnlySet<string> Blocking = new HashSet<string> { "MaxWithBlock", "MaxNoBlock", "AnyWithBlock" };

    public IEnumerable<Finding> Judge() => [Gate(), .. Rules(), .. Requirements()];

    private Finding Gate()
    {
        var what = $"label {sight.Label}";
        var make = $"gatekeeper init gerrit {sight.Project} --admin makes it: PUT /projects/{Uri.EscapeDataString(sight.Project)}/labels/{sight.Label} with the function NoBlock and the values -1, 0 and +1";
        return sight.Labels.GetValueOrDefault(sight.Label) is not { } label ? Finding.Wrong(what, $"the project has no label {sight.Label}, and the server drops votes for it without a word", $"{make}; or name another label in the settings (labels.gate)")
            : label.Scores.Contains(-1) && label.Scores.Contains(1) ? Finding.Right(what, $"it has the values {string.Join(", ", label.Scores.Order())}")
            : Finding.Wrong(what, $"it has the values {string.Join(", ", label.Scores.Order())}, and the gate votes -1 and +1", make);
    }

    private IEnumerable<Finding> Rules()
    {
        var what = $"rules of label {sight.Label}";
        if (sight.LabelRules is null)
        {
            yield return Finding.Unknown(what, $"{sight.User} may not read how the labels are defined", $"give {sight.Bots} the right Read on refs/meta/config of {sight.Project} and of all projects that it inherits from (All-Projects too)");
            yield break;
        }

        foreach (var label in Effective(sight).Where(label => Blocking.Contains(label.Function ?? "")))
            yield return Finding.Wrong($"function of label {label.Name}", $"{label.Function} makes the server itself hold changes up by {label.Name} (set in {label.ProjectName}): the gate waits for that beside its own rules", $"set the function of {label.Name} to NoBlock in {sight.Project} (a label of the same name there stands for the inherited one), and leave what it demands to rules.yaml");
        if (Effective(sight).FirstOrDefault(label => label.Name == sight.Label) is not { } gate || Blocking.Contains(gate.Function ?? ""))
            yield break;
        yield return StaysWithItsPatchSet(gate)
            ? Finding.Right(what, "it blocks nothing by itself, and its votes stay with the patch set that was tested")
            : Finding.Wrong(what, $"its votes are copied to patch sets that were not tested ({gate.CopyCondition})", $"set the copy condition of {sight.Label} to changekind:NO_CHANGE, or to none");
    }

    /// <summary>Where several projects define a label, the nearest one's counts.</summary>
    public static IEnumerable<LabelRulesDto> Effective(GerritSight sight)
    {
        var order = sight.Access.Chain.Select(project => project.Project).ToList();
        return (sight.LabelRules ?? []).GroupBy(label => label.Name).Select(group => group.MinBy(label => order.IndexOf(label.ProjectName) is var at && at < 0 ? int.MaxValue : at)!);
    }

    public static bool StaysWithItsPatchSet(LabelRulesDto label) => label.CopyCondition is null or "" or "changekind:NO_CHANGE";

    /// <summary>Whether an expression asks for a vote with a label, and does not only forbid one.</summary>
    public static bool AsksFor(string? expression, string label) =>
        expression is not null && Atoms().Matches(expression).Any(atom => atom.Groups["name"].Value == label && !atom.Groups["not"].Success);

    private IEnumerable<Finding> Requirements()
    {
        if (sight.Requirements is not { } all)
        {
            yield return Finding.Unknown("submit requirements", $"{sight.User} may not read them", $"give {sight.Bots} the right Read on refs/meta/config of {sight.Project} and of all projects that it inherits from (All-Projects too)");
            yield break;
        }

        foreach (var requirement in all)
        {
            var expression = requirement.SubmittabilityExpression ?? "";
            var (what, hopeless) = ($"submit requirement {requirement.Name}", expression.Contains(" OR ", StringComparison.Ordinal) ? null : Atoms().Matches(expression).Select(Hopeless).FirstOrDefault(why => why is not null));
            yield return hopeless is not null ? Finding.Wrong(what, $"{hopeless}, so no change meets it ({expression})", "mend its expression, or remove it: what it demands belongs into rules.yaml")
                : AsksFor(expression, sight.Label) ? Finding.Right(what, $"the gate's own vote meets it ({expression})")
                : Finding.Right(what, $"every change waits for it beside the gate's rules ({expression})");
        }
    }

    /// <summary>Why an atom can never hold; null when it can, or cannot be told.</summary>
    private string? Hopeless(Match atom)
    {
        var (name, comparison, value, more) = (atom.Groups["name"].Value, atom.Groups["is"].Value, atom.Groups["value"].Value, atom.Groups["more"].Value);
        if (atom.Groups["not"].Success)
            return null;
        if (sight.Labels.GetValueOrDefault(name) is not { } label)
            return $"there is no label {name}";
        if (comparison is "=" or ">=" && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var least) && label.Scores.All(score => score < least))
            return $"{name} has no value {value}";
        if (name != sight.Label || value is not ("MAX" or "1" or "+1"))
            return null;
        return User().Match(more) is { Success: true } user && user.Groups[1].Value is var who && who != sight.User && !who.StartsWith("non_", StringComparison.Ordinal) && who != $"{sight.Gate.Id}" && who != sight.Gate.Email ? $"it wants {name} of {who}, and {sight.User} votes with it"
            : more.Contains("count>", StringComparison.Ordinal) ? $"it wants more than one vote with {name}, and only {sight.User} has one" : null;
    }

    [GeneratedRegex(@"(?<not>-)?label:""?(?<name>[A-Za-z0-9-]+)(?<is>>=|<=|=|>|<)(?<value>MAX|MIN|ANY|[+-]?\d+)(?<more>,[^\s)""]*)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Atoms();

    [GeneratedRegex(",user=([^,]+)", RegexOptions.None, 1000)]
    private static partial Regex User();
}
