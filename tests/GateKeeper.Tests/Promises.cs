using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests;

/// <summary>
/// What is promised of every landing, each attempted to be broken where it is thinnest. That a crash or a second worker changes nothing is
/// in <see cref="RestartScenarios"/>, that the credential is out of reach in <see cref="SandboxAttacks"/>, that nobody speaks for others in
/// <see cref="NoteAttacks"/>, and that all places say the same in <see cref="WorkerScenarios"/>.
/// </summary>
public sealed class Promises
{
    [Test]
    public async Task Tested_is_landed_what_is_green_alone_and_red_together_lands_once()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("a", "a");
        await world.ProposeApprovedAsync("b", "b");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add a" }));
    }

    [Test]
    public async Task Tested_is_landed_a_push_to_the_trunk_at_the_last_moment_is_tested_with()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("a", "a");
        using var moment = AtTheLanding(() => world.People.Push("main", "ann", "Past the gate", new Dictionary<string, string?> { ["b"] = "x" }));
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Past the gate" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("unit failed"));
    }

    [Test]
    public async Task Tested_is_landed_a_trunk_that_does_not_hold_what_was_pushed_stops_the_gate()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.HookAsync("post-receive", """
            while read -r old new ref; do
              if [ "$ref" = refs/heads/main ]; then git update-ref refs/heads/main "$(git -c user.name=m -c user.email=m@example.org commit-tree "$new^{tree}" -m 'Something else' </dev/null)"; fi
            done
            """);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "Something else" }));
        Assert.That(world.Alarms, Has.Member("stopped:tool/main"));
        Assert.That(world.House.Notebook.Landings(null, 10).Select(landing => landing.Change.Value), Has.No.Member(change));
    }

    [Test]
    public async Task The_credential_is_in_no_alarm_no_journal_no_log_and_on_no_page()
    {
        await using var world = await World.StartAsync();
        var secret = File.ReadAllText(world.People.Secret).Trim();
        world.Configure(repository => repository with { Credential = $"file:{world.People.Secret}" });
        var change = await world.ProposeApprovedAsync("one", "one.txt");

        // A server that a contributor has a hand in may say anything, also what it was given.
        await world.HookAsync("pre-receive", $"while read -r old new ref; do case $ref in refs/heads/main) echo 'who came: {secret}' >&2; echo {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret))} >&2; exit 1;; esac; done");
        var lines = new List<string>();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(new Lines(lines)));
        await world.OpenAsync(logs);
        await world.SettleAsync();

        var shown = string.Join('\n', world.House.Notebook.Alarms.Select(alarm => alarm.Words).Concat(world.House.Tools.Journal.Entries().Select(entry => entry.Body)).Concat(lines)
            .Append(Status.Pages.Overview([.. world.House.Pictures], world.House.Notebook.Alarms, [], []).ToString()).Append(world.Status(change).Note));
        Assert.That(shown, Does.Contain("who came: [redacted]"));
        Assert.That(shown, Does.Not.Contain(secret).And.Not.Contain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret))));
    }

    [Test]
    public async Task Approved_is_landed_a_revision_that_is_pushed_at_the_last_moment_waits_for_its_own_approval()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        using var moment = AtTheLanding(() => world.People.Push("feature", "ann", "And a back door", new Dictionary<string, string?> { ["door.txt"] = "x" }));
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("approved").And.Contain("now it is"));
    }

    [Test]
    public async Task Approved_is_landed_a_veto_at_the_last_moment_stands()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        using var moment = AtTheLanding(() => world.People.VoteAsync(change, "carol", false, "wait", default).GetAwaiter().GetResult());
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by carol@example.org"));
    }

    [Test]
    public async Task The_trunks_rules_judge_a_change_that_would_make_its_author_a_reviewer()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("coup", "rules.yaml", World.Rules.Replace("bob@example.org", "ann@example.org", StringComparison.Ordinal).Replace("approvals: 1", "approvals: 0", StringComparison.Ordinal));
        await world.ApproveAsync(change, "ann");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("0 of 1 approvals from core"));
    }

    [TestCase("tests: { unit: { run: 'true', network: true } }", "infrastructure lost", TestName = "Unknown is not yes: a test that was never run")]
    [TestCase("tests: { unit: { check: elsewhere, from: { account: bot }, on: revision } }", "no report of elsewhere", TestName = "Unknown is not yes: a report that nobody made")]
    public async Task Unknown_is_not_yes(string tests, string why)
    {
        var at = World.Rules.IndexOf("tests:", StringComparison.Ordinal);
        var end = World.Rules.IndexOf("gates:", StringComparison.Ordinal);
        await using var world = await World.StartAsync(World.Rules[..at] + tests + "\n" + World.Rules[end..]);
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain(why));
    }

    /// <summary>Does something of somebody else's between the gate's decision to land and its landing, once.</summary>
    internal static ILoggerFactory AtTheLanding(Action what) => LoggerFactory.Create(logging => logging.AddProvider(new Moment(what)));

    private sealed class Moment(Action what) : ILoggerProvider, ILogger
    {
        private bool done;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (done || eventId.Id != 202 || !formatter(state, exception).Contains(": Land ", StringComparison.Ordinal))
                return;
            done = true;
            what();
        }

        public void Dispose()
        {
        }
    }

    private sealed class Lines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
                lines.Add($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
