using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>The author, every uploader and every commit's author belong to a group, or (outside) not all of them do.</summary>
public sealed record WrittenBy(string Group, bool Outside) : Condition
{
    public override IEnumerable<string> Groups => [Group];

    public override string Words => Outside ? $"changes that others than {Group} had a hand in" : $"changes made by {Group} alone";

    public override Applies Judge(Circumstances now)
    {
        if (now.People.Unreadable(Group) is { } why)
            return Applies.Unknown(why);

        if (now.UnknownPush is { } pushed)
            return Applies.Unknown($"the forge does not tell who pushed {pushed}");
        if (now.Change.Commits.Count == 0)
            return Applies.Unknown("the commits are not known");
        var known = now.Change.Commits.All(commit => commit.Author is not null);
        var all = known && now.Makers.All(maker => now.People.Has(Group, maker));
        return Applies.If(Outside ? !all : all);
    }

    public override string Fact(Circumstances now)
    {
        var others = now.Makers.Where(maker => !now.People.Has(Group, maker)).Select(maker => maker.Name).ToList();
        return others.Count > 0 ? $"{InWords.Some(others)} made it, and {(others.Count == 1 ? "is" : "are")} not in {Group}"
            : now.Change.Commits.FirstOrDefault(commit => commit.Author is null) is { } unknown ? $"the author of {unknown.Sha} is nobody whom the forge knows"
            : $"all who made it are in {Group} ({InWords.Some(now.Makers.Select(maker => maker.Name))})";
    }
}

/// <summary>The author alone belongs to a group, or (outside) does not, whoever else made the change.</summary>
public sealed record AuthorIs(string Group, bool Outside) : Condition
{
    public override IEnumerable<string> Groups => [Group];

    public override string Words => Outside ? $"changes of authors outside of {Group}" : $"changes of authors in {Group}";

    public override Applies Judge(Circumstances now) =>
        now.People.Unreadable(Group) is { } why ? Applies.Unknown(why) : Applies.If(now.People.Has(Group, now.Change.Author) != Outside);

    public override string Fact(Circumstances now) => $"its author {now.Change.Author} is {(now.People.Has(Group, now.Change.Author) ? "" : "not ")}in {Group}";
}

/// <summary>Every label is set and, where that is asked, by a member of <see cref="SetBy"/>.</summary>
public sealed record HasLabels(ValueList<Glob> Labels, string? SetBy) : Condition
{
    /// <summary>Whether it lets something through: then a setter whom the forge does not tell is nobody. Else it is not known whether he is one.</summary>
    public bool Loosens { get; init; } = true;

    public override IEnumerable<string> Groups => new[] { SetBy }.OfType<string>();

    public override string Words => $"the label{(Labels.Count == 1 ? "" : "s")} {InWords.Some(Labels.Select(label => label.Pattern))}{(SetBy is null ? "" : $" set by {SetBy}")}";

    public override Applies Judge(Circumstances now) =>
        SetBy is not null && now.People.Unreadable(SetBy) is { } why ? Applies.Unknown(why)
        : !now.Forge.HasLabels || !Labels.All(wanted => Of(now, wanted).Any()) ? Applies.No
        : Labels.All(wanted => Of(now, wanted).Any(label => Counts(label, now))) ? Applies.Yes
        : !Loosens && Labels.All(wanted => Of(now, wanted).Any(label => label.SetBy is null || Counts(label, now))) ? Applies.Unknown($"the forge does not tell who set the label {Of(now, Labels.First(wanted => !Of(now, wanted).Any(label => Counts(label, now)))).First().Name}")
        : Applies.No;

    public override string Fact(Circumstances now)
    {
        var counted = Labels.Select(wanted => Of(now, wanted).FirstOrDefault(label => Counts(label, now))).ToList();
        return counted.IndexOf(null) is >= 0 and var at ? $"the label {Labels[at]} is not set{(SetBy is null ? "" : $" by anybody of {SetBy}")}"
            : $"the label{(counted.Count == 1 ? " is" : "s are")} set: {InWords.Some(counted.Select(label => label!.SetBy is { } by ? $"{label.Name} (by {by})" : label.Name))}";
    }

    private static IEnumerable<Label> Of(Circumstances now, Glob wanted) => now.Change.Labels.Where(label => wanted.Matches(label.Name));

    private bool Counts(Label label, Circumstances now) => SetBy is null || (label.SetBy is { } setter && now.People.Has(SetBy, setter));
}
