namespace GateKeeper.Core.Changes;

/// <summary>What is known of the signature that a commit carries. A machine's or a person's word for it is not a signature.</summary>
public abstract record CommitSignature
{
    private CommitSignature()
    {
    }

    /// <summary>Nobody asked, or nobody tells.</summary>
    public static CommitSignature NotTold { get; } = new Unknown("nobody tells whether it is signed");

    /// <summary>The commit carries none.</summary>
    public sealed record None : CommitSignature;

    /// <summary>It is by a key that is known, and fits the commit.</summary>
    /// <param name="Signer">Whose key it is, in words.</param>
    /// <param name="By">The account; null where the key belongs to nobody whom the forge knows, or to two.</param>
    public sealed record Good(string Signer, Account? By) : CommitSignature;

    /// <summary>There is one, and it proves nothing; why is the end of a sentence about it.</summary>
    public sealed record Bad(string Why) : CommitSignature;

    /// <summary>It could not be found out; why is a sentence.</summary>
    public sealed record Unknown(string Why) : CommitSignature;
}
