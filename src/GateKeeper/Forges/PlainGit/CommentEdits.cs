using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// What comments come to with the edits of them. A comment is edited by another that names it by its hash, or an edit of it. An edit may take
/// away what was said or object; it never accepts.
/// </summary>
internal sealed class CommentEdits
{
    private readonly Dictionary<string, CommentLine> byHash;
    private readonly Accounts accounts;

    public CommentEdits(IReadOnlyList<CommentLine> comments, Accounts accounts)
    {
        this.accounts = accounts;
        byHash = comments.GroupBy(comment => GoJson.Hash(GoJson.Canonical(comment))).ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// A whole-commit comment that accepts opens, one that rejects closes, and so does an edit that rejects, also one of which nobody knows
    /// what it is of. An edit that accepts no more takes an acceptance back.
    /// </summary>
    public VoteValue? Value(CommentLine line) => line switch
    {
        { Resolved: false } => line.Original is null || First(line) is not { } first || accounts.Same(first.Author, line.Author) ? VoteValue.Veto : null,
        { Original: null, Resolved: true, Parent: null, Location.Path: null } => VoteValue.Approval,
        { Original: not null, Resolved: null } => First(line) is { Resolved: true } first && accounts.Same(first.Author, line.Author) ? VoteValue.Withdrawal : null,
        _ => null,
    };

    /// <summary>The comment that an edit, or the edit of an edit, is of; null where it is not there.</summary>
    public CommentLine? First(CommentLine line)
    {
        // A hash cannot lead back to where it came from, so this ends.
        var at = line;
        while (at?.Original is { } original)
            at = byHash.GetValueOrDefault(original);
        return at;
    }

    /// <summary>Whether a line takes an objection back: an edit of it that says nothing any more, or an answer of the same person that accepts.</summary>
    public bool TakesBack(CommentLine line, CommentLine objection) => accounts.Same(line.Author, objection.Author) && line switch
    {
        { Original: { } original, Resolved: null } => Leads(original, objection),
        { Original: null, Parent: { } parent, Resolved: true } => Leads(parent, objection),
        _ => false,
    };

    private bool Leads(string hash, CommentLine to)
    {
        for (var at = byHash.GetValueOrDefault(hash); at is not null; at = at.Original is { } original ? byHash.GetValueOrDefault(original) : null)
        {
            if (at == to)
                return true;
        }

        return false;
    }
}
