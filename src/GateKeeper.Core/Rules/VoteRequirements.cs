using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads the requirements that people fill with their votes and requests.</summary>
internal static class VoteRequirements
{
    public static Requirement Approvals(Fields fields, KnownNames names)
    {
        var approvals = new Approvals(fields.Number("approvals", 1, 100, required: true) ?? 1, names.GroupOf(fields, "from", required: true) ?? "")
        {
            DespiteVetoes = fields.Flag("despite-vetoes", false),
            LiftedBy = names.GroupOf(fields, "lifted-by"),
            Self = fields.Flag("self", false),
            CoAuthors = fields.Flag("co-authors", false),
        };
        return fields.Flag("different-people", false) ? new AllOf([approvals], true) : approvals;
    }

    public static NoVeto NoVeto(Fields fields, KnownNames names) =>
        new(names.GroupOf(fields, "no-veto-from") ?? "") { LiftedBy = names.GroupOf(fields, "lifted-by") };

    public static GoAhead GoAhead(Fields fields, KnownNames names) => new(names.GroupsOf(fields, "go-ahead", author: true));

    public static OwnersApprove Owners(Fields fields, KnownNames names)
    {
        var owners = fields.IsMapping("owners") ? OwnersBy(fields.Mapping("owners")!) : new(fields.Path("owners"));
        return owners with { Unowned = names.GroupOf(fields, "unowned"), AuthorCounts = fields.Flag("author-counts", false) };
    }

    private static OwnersApprove OwnersBy(Fields fields)
    {
        foreach (var key in (string[])["unowned", "author-counts"])
        {
            if (fields.Has(key))
                fields.Error(key, $"\"{key}\" stands beside \"owners\", not within it");
            fields.Take(key);
        }

        if (!fields.Has("file"))
            fields.Error("\"file\" is missing");
        var place = fields.PlaceOf("file");
        var owners = new OwnersApprove(fields.Path("file")) { Each = fields.Flag("each", false), Nested = fields.Flag("nested", false) };
        if (owners.Nested && owners.File.Contains('/', StringComparison.Ordinal))
            fields.Problems.Add(new(place, $"\"{owners.File}\": with nested: true, \"file\" is a name without a slash, such as OWNERS, which files have in any directory"));
        fields.Done("\"owners\"");
        return owners;
    }

    public static LabelVote LabelVote(Fields fields, KnownNames names)
    {
        var from = names.GroupOf(fields, "from", required: true) ?? "";
        var (self, coAuthors) = (fields.Flag("self", false), fields.Flag("co-authors", false));
        var vote = fields.Mapping("vote");
        var requirement = new LabelVote(
            vote?.WholeText("label", "a label with scores is named whole, such as Code-Review") ?? "", vote?.Number("at-least", -100, 100, required: true) ?? 0, vote?.Number("count", 1, 100) ?? 1, from)
        {
            Self = self,
            CoAuthors = coAuthors,
        };
        vote?.Done("\"vote\"");
        return requirement;
    }

    public static NoLabelVote NoLabelVote(Fields fields, KnownNames names)
    {
        var from = names.GroupOf(fields, "from", required: true) ?? "";
        var vote = fields.Mapping("no-vote");
        var requirement = new NoLabelVote(vote?.WholeText("label", "a label with scores is named whole, such as Code-Review") ?? "", vote?.Number("at-most", -100, 100, required: true) ?? 0, from);
        vote?.Done("\"no-vote\"");
        return requirement;
    }
}
