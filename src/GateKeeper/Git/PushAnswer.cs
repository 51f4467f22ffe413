using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>What came of a push. What must be branched on is a value; that git did not answer at all is an exception.</summary>
internal abstract record PushAnswer
{
    private PushAnswer()
    {
    }

    /// <summary>What the server or git said against it; null where it is there.</summary>
    public string? Objection => this switch
    {
        Other other => other.Why,
        Moved moved => moved.Why,
        Refused refused => refused.Why,
        Unclear unclear => unclear.Why,
        _ => null,
    };

    /// <summary>It is there: as the commit that was pushed, or as one that the server made of the same tree in its place.</summary>
    public sealed record Done(CommitSha? As = null) : PushAnswer;

    /// <summary>The trunk moved, and what it holds now is not what was tested: the gate stops there.</summary>
    public sealed record Other(string Why) : PushAnswer;

    /// <summary>The ref was not where it was expected: somebody else moved it, so everything is decided anew.</summary>
    public sealed record Moved(string Why) : PushAnswer;

    /// <summary>The server's own rules said no: a human must look.</summary>
    public sealed record Refused(string Why) : PushAnswer
    {
        /// <summary>Whether the server would say the same until there is a new revision: its author must rebase.</summary>
        public bool NeedsRebase { get; init; }
    }

    /// <summary>No answer that says what happened: the server must be read.</summary>
    public sealed record Unclear(string Why) : PushAnswer;

    /// <summary>Reads what <c>git push --porcelain</c> said.</summary>
    public static PushAnswer Read(GitAnswer answer)
    {
        var lines = answer.Text.Split('\n');
        if (answer.Ok && Array.Exists(lines, line => line.StartsWith(' ') || line.StartsWith('*') || line.StartsWith('=') || line.StartsWith("-\t", StringComparison.Ordinal)))
            return new Done();
        var refusals = lines.Where(line => line.StartsWith('!')).ToList();
        if (refusals.Count == 0)
            return new Unclear(answer.Error);
        var cause = refusals.Find(line => !line.Contains("atomic push failed", StringComparison.Ordinal)) ?? refusals[0];
        return Moves.Any(word => cause.Contains(word, StringComparison.Ordinal))
            ? new Moved(cause)
            : new Refused(string.Join(" ", [cause.Split('\t').Last(), .. answer.Error.Split('\n').Where(line => line.StartsWith("remote:", StringComparison.Ordinal) || line.StartsWith("error: remote unpack failed", StringComparison.Ordinal))]));
    }

    private static readonly string[] Moves = ["stale info", "fetch first", "non-fast-forward", "failed to update ref", "cannot lock ref", "incorrect old value", "reference already exists", "reference does not exist", "transaction failed", "failed to lock"];
}

/// <summary>One ref to be moved: from where it is expected (null: it does not exist) to where (null: it goes).</summary>
internal sealed record RefMove(string Name, CommitSha? Expected, CommitSha? To);
