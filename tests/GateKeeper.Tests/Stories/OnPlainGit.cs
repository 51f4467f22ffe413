using GateKeeper.Forges.PlainGit;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using LibGit2Sharp;
using Microsoft.Extensions.Logging;

namespace GateKeeper.Tests.Stories;

/// <summary>The common words, spoken to a bare repository with reviews in notes.</summary>
internal sealed class OnPlainGit : ForgeWorld
{
    private readonly World world;
    private readonly Dictionary<string, string> branches = [];

    private OnPlainGit(World world) => this.world = world;

    public override string Trunk => "tool/main";

    public override Gatehouse House => world.House;

    public override ManualTime Time => world.Time;

    public override string WordsOfPassedTests => "tests passed on";

    public override string GateEmail => "gatekeeper@localhost";

    public override bool FetchesAnewAtTheStart => true;

    protected override IReadOnlyDictionary<Trait, string> Lacks { get; } = new Dictionary<Trait, string>
    {
        [Trait.Drafts] = "plain git has no drafts",
        [Trait.Labels] = "plain git has no labels",
        [Trait.Teams] = "plain git has no teams: its groups stand in the rules",
        [Trait.LiftingForOthers] = "in plain git nobody takes away what another said",
        [Trait.RefusingTheGate] = "plain git has no rights of its own that could be taken from the gate",
        [Trait.GoingAway] = "a repository on this machine has no server that could fail between two questions",
        [Trait.Rewriting] = "in plain git a change is known by its first commit, which a rewritten branch does not hold any more",
        [Trait.Pushers] = "without a guard nobody knows who pushed",
        [Trait.Signs] = "plain git's sign for tests lies in notes, which are read elsewhere",
    };

    public static async Task<ForgeWorld> BeginAsync(string more, string gates)
    {
        var world = await World.StartAsync($"{World.Rules}\n{gates}\ntrunks: [main, stable]\n{more}\n");
        world.Configure(repository => repository with { Trunks = ["main", "stable"] });
        await world.GitAsync("update-ref", "refs/heads/stable", "main");
        return new OnPlainGit(world);
    }

    public override string Called(string who) => $"{who}@example.org";

    public override async Task<string> ProposeAsync(string name, string? file = null, string? below = null, string? body = null, string target = "main", string? text = null)
    {
        Later();
        world.People.Push(name, "ana", $"Add {name}{(body is null ? "" : $"\n\n{body}")}", new Dictionary<string, string?> { [file ?? name + ".txt"] = text ?? name + "\n" }, below is null ? target : branches[below]);
        var change = await world.People.ProposeAsync(name, "ana", default, below is null ? target : branches[below]);
        branches[change] = name;
        return change;
    }

    public override Task AmendAsync(string change, string file)
    {
        Later();
        world.People.Push(branches[change], "ana", "Amended", new Dictionary<string, string?> { [file] = "more\n" });
        return Task.CompletedTask;
    }

    public override Task RebaseAsync(string who, string change)
    {
        Later();
        using var git = new Repository(world.Url);
        git.Refs.UpdateTarget(git.Refs[$"refs/heads/{branches[change]}"], new ObjectId(OnGitHub.Replay(git, git.Refs[$"refs/heads/{branches[change]}"].TargetIdentifier, git.Refs["refs/heads/main"].TargetIdentifier)));
        return Task.CompletedTask;
    }

    public override async Task RetitleAsync(string change, string title, string body = "")
    {
        Later();
        await world.People.ProposeAsync(branches[change], "ana", default, description: $"{title}\n\n{body}");
    }

    public override Task AddAsync(string change, string who, string message, string file, string? text = "more\n")
    {
        Later();
        world.People.Push(branches[change], who, message, new Dictionary<string, string?> { [file] = text });
        return Task.CompletedTask;
    }

    public override async Task<string> ProposeMergeAsync(string from, string into)
    {
        Later();
        using (var git = new Repository(world.Url))
        {
            var (first, second) = (git.Lookup<Commit>(git.Refs[$"refs/heads/{into}"].TargetIdentifier), git.Lookup<Commit>(git.Refs[$"refs/heads/{from}"].TargetIdentifier));
            var ana = Demo.DemoWorld.Person("ana").Sign(world.Time.GetUtcNow());
            var made = git.ObjectDatabase.CreateCommit(ana, ana, $"Merge {from} into {into}\n", git.ObjectDatabase.MergeCommits(first, second, new()).Tree, [first, second], prettifyMessage: false);
            git.Refs.Add("refs/heads/join", made.Id);
        }

        var change = await world.People.ProposeAsync("join", "ana", default, into, $"Merge {from} into {into}");
        branches[change] = "join";
        return change;
    }

    public override Task<string> LastWordsAsync(string trunk = "main")
    {
        using var git = new Repository(world.Url);
        return Task.FromResult(git.Lookup<Commit>(git.Refs[$"refs/heads/{trunk}"].TargetIdentifier).Message);
    }

    public override Task RestackAsync(string change, string? below = null) => RewriteAsync(change, (git, head) => OnGitHub.Replay(git, head, Tip(git, below is null ? "main" : branches[below])));

    public override Task JoinAsync(string change, string below) => RewriteAsync(change, (git, head) => Handiwork.Join(git, head, Tip(git, "main")));

    public override Task GoOnAsync(string change, string who, string file, string? text = "more\n", string? author = null, string? committer = null, string message = "More") =>
        MoveAsync(change, (git, head) => Handiwork.OnTop(git, head, Sign(author ?? who), Sign(committer ?? who), message, file, text));

    public override Task UpdateAsync(string change, string? sneaked = null) => MoveAsync(change, (git, head) => Handiwork.Merge(git, Sign("ana"), head, Tip(git, "main"), sneaked));

    public override Task ApproveAsync(string change, string who = "bob") => world.ApproveAsync(change, who);

    public override Task VetoAsync(string change, string who, string words = "this breaks the build")
    {
        Later();
        return world.People.VoteAsync(change, who, false, words, default);
    }

    public override async Task WithdrawAsync(string change, string who)
    {
        Later();
        await (await world.People.ClientAsync(who, default)).WithdrawAsync(change, default);
    }

    public override Task SayAsync(string change, string who, string words) => world.SayAsync(change, who, words);

    /// <summary>Where nobody guards the notes, anybody may take a line out of them.</summary>
    public override Task UnsayAsync(string change, string words) => RewriteAsync(change, lines => lines.Where(line => NoteLines.Comment(line)?.Description.StartsWith(words, StringComparison.Ordinal) != true));

    public override Task RewordAsync(string change, string who, string words, string other) => RewriteAsync(change, lines =>
    {
        var old = lines.Select(NoteLines.Comment).OfType<CommentLine>().First(line => line.Description.StartsWith(words, StringComparison.Ordinal));
        return lines.Append(GoJson.Canonical(old with { Original = GoJson.Hash(GoJson.Canonical(old)), Description = other }));
    });

    private Task RewriteAsync(string change, Func<IReadOnlyList<string>, IEnumerable<string>> edit)
    {
        Later();
        using var git = new Repository(world.Url);
        var old = git.Lookup<Commit>(git.Refs[Notes.Discuss].TargetIdentifier);
        var note = git.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Concat(edit(Notes.Lines(git, old.Sha, change)).Select(line => line + "\n")))));
        var made = git.ObjectDatabase.CreateCommit(old.Author, old.Committer, "Notes edited\n", Notes.With(git, old.Tree, [KeyValuePair.Create(change, note)]), [old], prettifyMessage: false);
        git.Refs.UpdateTarget(git.Refs[Notes.Discuss], made.Id);
        return Task.CompletedTask;
    }

    public override async Task RetargetAsync(string change, string target)
    {
        Later();
        await world.People.ProposeAsync(branches[change], "ana", default, target, moves: true);
    }

    public override async Task WithdrawChangeAsync(string change)
    {
        Later();
        await (await world.People.ClientAsync("ana", default)).AbandonAsync(change, default);
    }

    public override async Task ReopenAsync(string change)
    {
        Later();
        await world.People.ProposeAsync(branches[change], "ana", default);
    }

    public override Task PlantAsync(string reference) => world.GitAsync("update-ref", reference, "refs/heads/main");

    public override Task PushTrunkAsync(string file, string text = "x\n")
    {
        Later();
        world.People.Push("main", "erin", "Past the gate", new Dictionary<string, string?> { [file] = text });
        return Task.CompletedTask;
    }

    /// <summary>The server's own hook takes nothing more that is said on it.</summary>
    public override void FailTelling(string change, bool fails)
    {
        var hook = Path.Combine(world.Url, "hooks", "update");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.Delete(hook);
        if (!fails)
            return;
        File.WriteAllText(hook, $$"""
            #!/bin/sh
            said() { git ls-tree -r "$1" | tr -d / | grep {{change}}; }
            [ "$1" != {{Notes.Discuss}} ] || [ "$(said $2)" = "$(said $3)" ] || { echo 'nothing more is taken on this one' >&2; exit 1; }
            """);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public override string Reference(string change) => change;

    public override async Task<string> TrunkFileAsync(string file) => await world.GitAsync("show", $"main:{file}") + "\n";

    public override Task<IReadOnlyList<string>> TrunkLogAsync() => Task.FromResult(world.TrunkLog);

    public override Task<(string Author, string CommitterEmail)> TipAsync()
    {
        using var git = new Repository(world.Url);
        var commit = git.Lookup<Commit>(git.Refs["refs/heads/main"].TargetIdentifier);
        return Task.FromResult((commit.Author.Name, commit.Committer.Email));
    }

    public override async Task<bool> HasLandedAsync(string change)
    {
        var client = await world.People.ClientAsync("ana", default);
        return client.HasLanded(client.Find(change));
    }

    public override Task<IReadOnlyList<string>> SaidAsync(string change) => world.CommentsAsync(change);

    public override void Beside(params RepositorySettings[] others) => world.Beside(others);

    public override Task OpenAsync(ILoggerFactory? logs = null) => world.OpenAsync(logs);

    public override Task CloseAsync() => world.CloseAsync();

    public override Task<Gatehouse> OpenSecondAsync() => Gatehouse.OpenAsync(world.Settings with { Work = world.Settings.Work + "-two" }, world.Time, LoggerFactory.Create(_ => { }), observing: false, default);

    public override Task SettleAsync()
    {
        world.Time.Pass(TimeSpan.FromSeconds(61));
        return world.SettleAsync();
    }

    public override ValueTask DisposeAsync() => world.DisposeAsync();

    private static string Tip(Repository git, string branch) => git.Refs[$"refs/heads/{branch}"].TargetIdentifier;

    private Signature Sign(string who) => new(who, Address(who), world.Time.GetUtcNow());

    private Task MoveAsync(string change, Func<Repository, string, string> made)
    {
        Later();
        using var git = new Repository(world.Url);
        var branch = git.Refs[$"refs/heads/{branches[change]}"];
        git.Refs.UpdateTarget(branch, new ObjectId(made(git, branch.TargetIdentifier)));
        return Task.CompletedTask;
    }

    /// <summary>As git appraise rebases: the branch moves, and the request says which commit stands for the review now.</summary>
    private async Task RewriteAsync(string change, Func<Repository, string, string> made)
    {
        await MoveAsync(change, made);
        var request = (await world.People.ClientAsync("ana", default)).Find(change).Request!;
        var line = request with { Alias = await world.GitAsync("rev-parse", branches[change]), Timestamp = world.Time.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture) };
        await world.GitAsync("-c", "user.name=ana", "-c", "user.email=ana@example.org", "notes", "--ref", Forges.PlainGit.Notes.Reviews, "append", "-m", Forges.PlainGit.GoJson.Canonical(line), change);
    }

    private void Later() => world.Time.Pass(TimeSpan.FromSeconds(1));
}
