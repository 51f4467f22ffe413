using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads what is asked of signatures: <c>signed: true</c>, or a mapping that says whose.</summary>
internal static class SignatureRequirements
{
    private const string Merges = "without-merges";

    public static SignedCommits Signed(Fields fields, KnownNames names)
    {
        var (by, without) = ((string?)null, false);
        if (fields.IsMapping("signed"))
        {
            var signed = fields.Mapping("signed")!;
            by = names.GroupOf(signed, "by", required: !signed.Has(Merges));
            without = signed.Flag(Merges, false);
            signed.Done("\"signed\"");
        }
        else if (!fields.Flag("signed", true))
        {
            fields.Error("\"signed: false\" asks for nothing; leave it out");
        }

        return new(by, fields.Flag(Merges, false) || without);
    }
}
