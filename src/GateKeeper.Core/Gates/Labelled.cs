using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>Labels that must be there (each of <see cref="Every"/>, one that matches each list of <see cref="Some"/>) or absent.</summary>
public sealed record LabelsAre(ValueList<Glob> Every, ValueList<Glob> Some, ValueList<Glob> None) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        const string name = "labels";
        if (!now.Forge.HasLabels)
            return Verdict.Wait(name, $"{now.Forge.Name} has no labels");

        var labels = now.Change.Labels.Select(label => label.Name).ToList();
        var missing = Every.Where(wanted => !labels.Exists(wanted.Matches)).Select(wanted => $"the label {wanted} is missing").ToList();
        if (Some.Count > 0 && !Some.Any(wanted => labels.Exists(wanted.Matches)))
            missing.Add($"none of the labels {string.Join(", ", Some)} is set");
        missing.AddRange(labels.Where(label => None.Any(unwanted => unwanted.Matches(label))).Select(label => $"the label {label} is set"));
        return missing.Count == 0 ? Verdict.Pass(name, "the labels are right") : Verdict.Wait(name, string.Join("; ", missing), now.Change.Author.Name);
    }
}

/// <summary>When a gate applies, or an exception does. Unknown is an answer: what depends on it waits.</summary>
public abstract record Condition
{
    public abstract Applies Judge(Circumstances now);

    public virtual IEnumerable<string> Groups => [];

    /// <summary>Whether the answer can depend on how many lines a change has.</summary>
    public virtual bool AsksForLines => false;

    /// <summary>Some changed path matches, or, with <see cref="Only"/>, there is one and all match.</summary>
    public sealed record Touches(PatternList Patterns, bool Only) : Condition
    {
        public override Applies Judge(Circumstances now)
        {
            if (now.ChangedPaths is not { } paths)
                return Applies.Unknown("the changed paths are not known");

            var list = paths.ToList();
            return Applies.If(Only
                ? list.Count > 0 && list.TrueForAll(Patterns.Matches)
                : list.Exists(Patterns.Matches));
        }
    }

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

    public sealed record ForTrunks(PatternList Trunks) : Condition
    {
        public override Applies Judge(Circumstances now) => Applies.If(Trunks.Matches(now.Change.Target));
    }

    /// <summary>The change is no larger than this.</summary>
    public sealed record NoLarger(int? MaxLines, int? MaxFiles) : Condition
    {
        public override bool AsksForLines => MaxLines is not null;

        public override Applies Judge(Circumstances now) =>
            (now.Change.Lines is null && MaxLines is not null) || now.ChangedPaths is not { } paths
                ? Applies.Unknown("the size of the change is not known yet")
                : Applies.If((MaxLines is null || now.Change.Lines <= MaxLines) && (MaxFiles is null || paths.Count() <= MaxFiles));
    }

    public sealed record IsDraft(bool Draft) : Condition
    {
        public override Applies Judge(Circumstances now) => Applies.If(now.Change.Draft == Draft);
    }

    public sealed record Both(ValueList<Condition> Parts) : Condition
    {
        public override IEnumerable<string> Groups => Parts.SelectMany(part => part.Groups);

        public override bool AsksForLines => Parts.Any(part => part.AsksForLines);

        public override Applies Judge(Circumstances now)
        {
            var answers = Parts.Select(part => part.Judge(now)).ToList();
            return answers.Find(answer => answer.IsNo) ?? answers.Find(answer => answer.Why is not null) ?? Applies.Yes;
        }
    }

    public sealed record Either(ValueList<Condition> Parts) : Condition
    {
        public override IEnumerable<string> Groups => Parts.SelectMany(part => part.Groups);

        public override bool AsksForLines => Parts.Any(part => part.AsksForLines);

        public override Applies Judge(Circumstances now)
        {
            var answers = Parts.Select(part => part.Judge(now)).ToList();
            return answers.Find(answer => answer.IsYes) ?? answers.Find(answer => answer.Why is not null) ?? Applies.No;
        }
    }

    public sealed record Not(Condition Part) : Condition
    {
        public override IEnumerable<string> Groups => Part.Groups;

        public override bool AsksForLines => Part.AsksForLines;

        public override Applies Judge(Circumstances now)
        {
            var answer = Part.Judge(now);
            return answer.Why is null ? Applies.If(answer.IsNo) : answer;
        }
    }
}

/// <summary>Yes, no, or not known and why.</summary>
public sealed record Applies
{
    private Applies(bool yes, string? why) => (IsYes, Why) = (yes, why);

    public static Applies Yes { get; } = new(true, null);

    public static Applies No { get; } = new(false, null);

    public bool IsYes { get; }

    public bool IsNo => !IsYes && Why is null;

    /// <summary>Why the answer is not known; null when it is.</summary>
    public string? Why { get; }

    public static Applies If(bool yes) => yes ? Yes : No;

    public static Applies Unknown(string why) => new(false, why);
}
