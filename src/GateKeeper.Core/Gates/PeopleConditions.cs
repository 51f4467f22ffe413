using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>The author, every uploader and every commit's author belong to a group, or (outside) not all of them do.</summary>
public sealed record WrittenBy(string Group, bool Outside) : Condition
{
    public override IEnumerable<string> Groups => [Group];

    public override Applies Judge(Circumstances now)
    {
        if (now.People.Unreadable(Group) is { } why)
            return Applies.Unknown(why);

        if (now.UnknownPush is { } pushed)
            return Applies.Unknown($"the forge does not tell who pushed {pushed}");
        var known = now.Change.Commits.All(commit => commit.Author is not null);
        var all = known && now.Makers.All(maker => now.People.Has(Group, maker));
        return Applies.If(Outside ? !all : all);
    }
}

/// <summary>Every label is set and, where it loosens, by a member of <see cref="SetBy"/>; a setter whom the forge does not tell is nobody.</summary>
public sealed record HasLabels(ValueList<Glob> Labels, string? SetBy) : Condition
{
    public override IEnumerable<string> Groups => new[] { SetBy }.OfType<string>();

    public override Applies Judge(Circumstances now) =>
        SetBy is not null && now.People.Unreadable(SetBy) is { } why ? Applies.Unknown(why)
        : Applies.If(now.Forge.HasLabels && Labels.All(wanted => now.Change.Labels.Any(label => wanted.Matches(label.Name) && Counts(label, now))));

    private bool Counts(Label label, Circumstances now) => SetBy is null || (label.SetBy is { } setter && now.People.Has(SetBy, setter));
}
