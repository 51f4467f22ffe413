using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Short names for the things that stories are made of.</summary>
internal static class Make
{
    public static CommitSha Sha(int number) => new(number.ToString("x40", System.Globalization.CultureInfo.InvariantCulture));

    public static Ruleset Rules(string yaml)
    {
        var loaded = RulesLoader.Load(yaml);
        return loaded.Rules ?? throw new ArgumentException(string.Join("\n", loaded.Problems));
    }

    public static Change Change(int number = 1, string author = "ann") => new()
    {
        Id = new($"{number}"),
        Number = $"{number}",
        Title = $"change {number}",
        Current = new(new($"{number}"), Sha(number)),
        Target = "main",
        Author = new(author),
        Uploader = new(author),
        Paths = [$"src/{number}.c"],
        Edits = [new($"src/{number}.c", 1)],
        Commits = [new() { Sha = Sha(number), Author = new(author), Message = $"change {number}" }],
    };

    extension(Change change)
    {
        public Change Approved(params ReadOnlySpan<string> by) => change.Voted(VoteValue.Approval, by);

        public Change Vetoed(params ReadOnlySpan<string> by) => change.Voted(VoteValue.Veto, by);

        public Change Voted(VoteValue value, params ReadOnlySpan<string> by)
        {
            foreach (var name in by)
                change = change with { Votes = [.. change.Votes, new() { By = new(name), Value = value, On = change.Current.Commit, Order = change.Votes.Count + 1 }] };
            return change;
        }

        public Change Asked(RequestKind kind, string by, string argument = "", string reason = "") => change with
        {
            Requests = [.. change.Requests, new() { Kind = kind, By = new(by), On = change.Current.Commit, Argument = argument, Reason = reason, Order = change.Requests.Count + 1 }],
        };

        /// <summary>With so many lines in one file of those that it touches already.</summary>
        public Change Sized(int lines) => change with { Edits = [.. change.Paths!.Select((path, at) => new EditedFile(path, at == 0 ? lines : 0))] };

        public Change Edited(params ReadOnlySpan<EditedFile> files) => change with { Edits = [.. files], Paths = [.. files.ToArray().SelectMany(file => new[] { file.Path, file.From }).OfType<string>().Distinct()] };

        public Change Pushed(int commit) => change with { Current = new(change.Id, Sha(commit)) };
    }

    public static Judgement Judged(this Ruleset rules, Change change, Func<Circumstances, Circumstances>? more = null)
    {
        var now = new Circumstances
        {
            Change = change,
            People = People.Resolve(rules, new Dictionary<string, GroupMembers>(), name => new(name)),
            Forge = ForgeTraits.Everything,
            Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
            Tests = rules.Tests.ToDictionary(test => test.Name, _ => (TestStanding)new TestStanding.Passed("")),
        };
        return Judge.Of(rules, more is null ? now : more(now));
    }
}
