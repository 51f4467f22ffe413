using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>It is proposed for one of these trunks.</summary>
public sealed record ForTrunks(PatternList Trunks) : Condition
{
    public override string Words => $"changes for {InWords.Some(Trunks.Select(pattern => pattern.Pattern))}";

    public override Applies Judge(Circumstances now) => Applies.If(Trunks.Matches(now.Change.Target));

    public override string Fact(Circumstances now) => $"it is proposed for {Harmless.Line(now.Change.Target)}";
}

/// <summary>It comes from one of these branches.</summary>
public sealed record FromBranch(SourceBranches Branches) : Condition
{
    public override string Words => $"changes from {InWords.Some(Branches.Patterns)}";

    public override Applies Judge(Circumstances now) =>
        !now.Forge.HasBranches ? Applies.Unknown($"{now.Forge.Name} does not tell which branch a change comes from")
        : now.Change.Branch is not { } branch ? Applies.Unknown("it is not known which branch it comes from: propose it anew, from a branch")
        : Applies.If(Branches.Matches(branch));

    public override string Fact(Circumstances now) => $"it comes from {InWords.Some([now.Change.Branch ?? ""])}";
}

/// <summary>It is proposed to one of these repositories.</summary>
public sealed record InRepository(PatternList Repositories) : Condition
{
    public override string Words => $"changes in {InWords.Some(Repositories.Select(pattern => pattern.Pattern))}";

    public override Applies Judge(Circumstances now) =>
        now.Forge.Repository is { } repository ? Applies.If(Repositories.Matches(repository)) : Applies.Unknown("it is not known which repository this is");

    public override string Fact(Circumstances now) => $"it is proposed to {now.Forge.Repository}";
}

/// <summary>A pattern is found in its title, as that would land.</summary>
public sealed record TitleMatches(Pattern Pattern) : Condition
{
    public override string Words => $"titles that match {Pattern}";

    public override Applies Judge(Circumstances now) => Applies.If(Pattern.Matches(Prose.Line(now.Change.Title)));

    public override string Fact(Circumstances now) =>
        Pattern.Found(Prose.Line(now.Change.Title)) is { } found ? $"its title matches {Pattern}{InWords.Quoted(found)}" : $"its title does not match {Pattern}";
}

/// <summary>It is a draft, or is none.</summary>
public sealed record IsDraft(bool Draft) : Condition
{
    public override string Words => Draft ? "drafts" : "what is no draft";

    public override Applies Judge(Circumstances now) => Applies.If(now.Change.Draft == Draft);

    public override string Fact(Circumstances now) => now.Change.Draft ? "it is a draft" : "it is no draft";
}
