using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>
/// Somebody else's machines, and the forge that shows what they report: they test what is published, each time that it is, and report late,
/// again, or never. What anybody else says under the same name is shown too.
/// </summary>
internal sealed class ToyCi(ToyWorld world)
{
    public const string Yaml = """
        version: 1
        groups: { core: { users: [bob] } }
        tests: { ci: { check: build, from: { app: actions, workflow: .github/workflows/build.yml }, timeout: 60m } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        landing: { window: 5 }
        """;

    private readonly Dictionary<CommitSha, Publication> published = [];
    private readonly List<Check> reports = [];
    private readonly List<(CommitSha Commit, string Run)> jobs = [];
    private HashSet<CommitSha> followed = [];
    private int runs;
    private int order;

    public ValueList<Publication> Published => [.. published.Values];

    /// <summary>Every commit that was ever published, in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>The changes on which nobody reports.</summary>
    public HashSet<int> Silent { get; } = [];

    /// <summary>What is said of a tree instead of the truth.</summary>
    public Func<ValueList<int>, string?> Says { get; set; } = _ => null;

    public IReadOnlyDictionary<CommitSha, ValueList<Check>> Reports =>
        followed.ToDictionary(commit => commit, commit => (ValueList<Check>)[.. reports.Where(report => report.On == commit)]);

    public void Follow(IEnumerable<CommitSha> commits) => followed = [.. commits];

    public void Publish(CommitSha commit, string of)
    {
        Assert.That(published, Does.Not.ContainKey(commit), "what is published is not published again");
        published[commit] = new(commit, $"gatekeeper/main/{of}", world.Now);
        Log.Add($"{of}: {string.Join(',', world.Tree(commit))}");
        if (!world.Tree(commit).Any(Silent.Contains))
            jobs.Add((commit, $"{++runs}"));
    }

    public void Withdraw(CommitSha commit) => Assert.That(published.Remove(commit), "only what is published is withdrawn");

    /// <summary>One of the jobs begins or ends. Answers whether there was one.</summary>
    public bool Work(Random? random)
    {
        if (jobs.Count == 0)
            return false;
#pragma warning disable CA5394 // a seed makes the world, and the same seed the same world
        var (commit, run) = jobs[random?.Next(jobs.Count) ?? 0];
#pragma warning restore CA5394
        world.Now = world.Now.AddSeconds(1);
        if (Last(commit, run)?.State != "in_progress")
        {
            Report(commit, run, "in_progress");
            return true;
        }

        jobs.Remove((commit, run));
        Report(commit, run, Says(world.Tree(commit)) ?? (world.Truth(world.Tree(commit)) ? "success" : "failure"));
        return true;
    }

    /// <summary>Somebody presses the button there.</summary>
    public void RunAgain(Func<Check, bool> which)
    {
        foreach (var (commit, run) in reports.Where(report => report.Run is not null && which(report)).Select(report => (report.On, report.Run!)).Distinct().Except(jobs).ToList())
            jobs.Add((commit, run));
    }

    public void Report(CommitSha commit, string? run, string state, string source = "actions", string @event = "push") => reports.Add(new()
    {
        Name = "build",
        On = commit,
        State = state,
        Run = run,
        Source = [new("app", source), new("workflow", ".github/workflows/build.yml"), new("event", @event)],
        At = world.Now,
        Order = ++order,
    });

    /// <summary>Whether what the forge shows of a tree at this moment, on whichever commit, is a pass and nothing else.</summary>
    public bool Passes(CommitSha commit)
    {
        var last = reports.Where(report => world.Tree(report.On).Equals(world.Tree(commit)) && report.Source.Contains(new("app", "actions")) && report.Source.Contains(new("event", "push")))
            .GroupBy(report => (report.On, report.Run)).Select(run => run.MaxBy(report => report.Order)!).ToList();
        return last.Count > 0 && last.Exists(report => report.State == "success") && last.TrueForAll(report => report.State == "success" || IsForgiven(report));
    }

    /// <summary>What ended while the trunk was red is not held against anybody.</summary>
    public Func<Check, bool> IsForgiven { get; set; } = _ => false;

    public Check? Last(CommitSha commit, string run) => reports.LastOrDefault(report => report.On == commit && report.Run == run);
}
