using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>
/// On which side a condition stands: whether something lands because it holds that would not land else. There, what whoever proposes a change
/// can choose alone must not be enough, and somebody's word has to stand beside it.
/// </summary>
/// <param name="Loosens">Whether that is so where it is read.</param>
/// <param name="IsException">Whether the whole condition is one of an exception: of instead-of, of a priority, of a freeze.</param>
/// <param name="IsVouched">Whether something that holds along with it asks who made the change, or for a label that not everybody may set.</param>
/// <param name="IsVouchedAround">Whether something does that holds along with the <c>not</c> around it.</param>
internal sealed record Side(bool Loosens, bool IsException, bool IsVouched = false, bool IsVouchedAround = false)
{
    /// <summary>Inside of <c>not</c>. What stands beside that vouches for nothing that loosens within: where it does not hold, neither does the rest.</summary>
    public Side Negated => this with { Loosens = !Loosens, IsVouched = false, IsVouchedAround = Loosens ? IsVouched : IsVouchedAround };

    /// <summary>Whether not everybody can make the condition hold.</summary>
    public static bool Vouches(Condition condition) => condition switch
    {
        WrittenBy { Outside: false } makers => makers.Group != Membership.Anyone,
        HasLabels { SetBy: { } setBy } => setBy != Membership.Anyone,
        _ => false,
    };

    /// <summary>Whether a key is there that asks for what everybody can choose; tells of it where that would be enough to loosen something.</summary>
    public bool IsFree(Fields fields, string key, string what)
    {
        if (!fields.Has(key))
            return false;
        if (Loosens && !IsVouched)
            fields.Error(key, $"\"{key}\" alone must not loosen anything, for whoever proposes a change chooses its {what}: {Beside}");
        OfAbsent(fields, key);
        return true;
    }

    /// <summary>Warns where it is enough for an exception that something is absent, which everybody can see to.</summary>
    public void OfAbsent(Fields fields, string key)
    {
        if (IsException && !Loosens && !IsVouchedAround)
            fields.Problems.Add(new(fields.PlaceOf(key), $"whoever proposes a change can see to it that \"{key}\" does not hold, and that makes this exception: let \"authors\", or \"labels\" with \"set-by\", stand beside the \"not\"", IsWarning: true));
    }

    /// <summary>Tells where the author alone would be enough to loosen something: others may have pushed to the change.</summary>
    public void OfAuthor(Fields fields, Place place, string group, bool outside)
    {
        if (outside && !Loosens && !IsVouchedAround)
        {
            var words = $"\"author\" asks for the author alone: what somebody outside of {group} pushes to a change of {group} gets round this; \"authors: {{ outside: {group} }}\" asks for all who made it";
            fields.Problems.Add(new(place, words, IsWarning: !IsException));
        }
        else if (Loosens && !IsVouched)
        {
            fields.Problems.Add(new(place, $"\"author\" alone must not loosen anything, for somebody else may have pushed to the change: {(outside ? Beside : $"write \"authors: {group}\", which asks for all who made it, or {Beside}")}"));
        }
    }

    private const string Beside = "let \"authors\", or \"labels\" with \"set-by\", stand beside it in the same condition";
}
