using System.CommandLine;
using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Store;
using LibGit2Sharp;

namespace GateKeeper.Commands;

internal static class RulesCommand
{
    private const string Heads = "refs/heads/";
    private const int MostNamed = 5;

    /// <summary>How git names the commit that a new branch is moved from.</summary>
    private static readonly string Nothing = new('0', 40);

    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "The rules file to put in place." };
        var trunk = new Option<string?>("--trunk") { Description = "The trunk: its name, or REPOSITORY/NAME; the one that the settings name, or main, if left out." };
        var reason = new Option<string>("--reason") { Description = "Why: in the commit and in the journal.", Required = true };
        var install = new Command("install", """
            Put a rules file on a trunk by a commit of the gate's own: the first rules, or the way out of rules that nobody can satisfy.
            In a repository without any branch it makes the trunk's first commit.
            It goes past every gate, so it is journaled and shown until a reviewed change touches the file.

            Example:
              gatekeeper rules install rules.yaml --trunk main --reason "first rules" --config settings.json
            """) { file, trunk, reason, Common.Config };
        install.Does(async (parsed, cancellation) =>
        {
            var path = parsed.GetValue(file)!;
            if (!File.Exists(path))
                throw new UsageException($"{path}: there is no such file");
            var content = await File.ReadAllBytesAsync(path, cancellation);
            var loaded = RulesLoader.Load(content);
            if (loaded.Rules is null)
                return CommandLine.Fail(ExitCodes.No, loaded.Errors.Select(error => $"{path}:{error}"));
            return await InstallAsync(parsed, content, parsed.GetValue(trunk), parsed.GetValue(reason)!, cancellation);
        });
        return new("rules", "What the operator may do to the rules.") { install };
    }

    private static async Task<int> InstallAsync(ParseResult parsed, byte[] content, string? trunk, string reason, CancellationToken cancellation)
    {
        var settings = parsed.Settings();
        var key = trunk is null ? settings.OnlyTrunk() : settings.TrunkKey(trunk);
        var repository = settings.Repositories.First(repository => key.StartsWith(repository.Name + "/", StringComparison.Ordinal));
        var name = $"{Heads}{key[(repository.Name.Length + 1)..]}";
        var (mirror, forge, gate) = await Connection.OpenAsync(repository, settings.Page, Path.Combine(settings.Work, "operator"), TimeProvider.System, cancellation);
        using var opened = mirror;
        using var spoken = forge as IDisposable;
        await mirror.RefreshOneAsync(name, cancellation);
        CommitSha? tip = mirror.Refs.TryGetValue(name, out var there) ? new(there) : null;

        // A name that is misspelt must not make a trunk of its own: only where there is no branch at all is this the first commit.
        if (tip is null && await BranchesAsync(mirror, cancellation) is { Count: > 0 } branches)
            return CommandLine.Fail(ExitCodes.Trouble, NoBranch(repository.Url, name[Heads.Length..], branches));

        var below = tip is { } from ? mirror.Repository.Commit(from) : null;
        var tree = below is null ? new() : TreeDefinition.From(below);
        tree.Add(repository.Rules, mirror.Repository.ObjectDatabase.CreateBlob(new MemoryStream(content)), Mode.NonExecutableFile);
        var signature = gate.Sign(TimeProvider.System.GetUtcNow());
        var message = Core.Changes.Prose.Compose($"Install {repository.Rules}", reason, [new("Rules-Installed-By", "operator")]);
        var commit = new CommitSha(mirror.Repository.ObjectDatabase.CreateCommit(signature, signature, message, mirror.Repository.ObjectDatabase.CreateTree(tree), below is null ? [] : [below], prettifyMessage: false).Sha);
        using var database = Database.Open(settings.Store);
        var lease = new Lease(database, TimeProvider.System, key, $"operator:{Environment.MachineName}:{Environment.ProcessId}");

        // Where a worker has the turn it goes on: of two pushes from one tip the server takes one, and the journal tells the worker whose it was.
        var mine = lease.Take();
        try
        {
            return await PushAsync(new(mirror, database, key, name, repository.Rules, reason), tip, commit, cancellation);
        }
        finally
        {
            if (mine)
                lease.Release();
        }
    }

    private static async Task<IReadOnlyList<string>> BranchesAsync(Mirror mirror, CancellationToken cancellation) =>
        [.. (await mirror.NamesAsync(cancellation)).Where(each => each.StartsWith(Heads, StringComparison.Ordinal)).Select(each => each[Heads.Length..])];

    private static string NoBranch(string url, string trunk, IReadOnlyList<string> branches) =>
        $"{url} has no branch {trunk}; it has {string.Join(", ", branches.Order(StringComparer.Ordinal).Take(MostNamed))}{(branches.Count > MostNamed ? $" and {branches.Count - MostNamed} more" : "")}. "
        + $"Name one of them in \"trunks\" of the settings and by --trunk, or let the gate's account push the branch {trunk}";

    private sealed record Place(Mirror Mirror, Database Database, string Key, string Name, string File, string Reason);

    private static async Task<int> PushAsync(Place place, CommitSha? from, CommitSha to, CancellationToken cancellation)
    {
        var (journal, notebook) = (new Journal(place.Database, TimeProvider.System), new Notebook(place.Database, TimeProvider.System));
        journal.Write(place.Key, "installing", JsonSerializer.Serialize(new { from = from?.Hex ?? Nothing, to = to.Hex, reason = place.Reason }));

        // Before the push, so that whatever comes between does not hide it.
        notebook.Raise($"rules-installed:{place.Key}", $"the operator put {place.File} in place past every gate: {place.Reason}");
        var answer = await place.Mirror.PushAsync(place.Name, from, to, Lease.PushLimit, cancellation);
        if (await place.Mirror.ReadBackAsync(place.Name, cancellation) != to)
        {
            journal.Write(place.Key, "not installed", JsonSerializer.Serialize(new { to = to.Hex, answer = $"{answer}" }));
            notebook.Mend($"rules-installed:{place.Key}");
            return CommandLine.Fail(ExitCodes.Trouble, $"the rules were not installed: {answer}");
        }

        journal.Write(place.Key, "installed", JsonSerializer.Serialize(new { to = to.Hex }));
        Console.WriteLine($"{place.Key} has {place.File} as you gave it, by {to}.");
        return ExitCodes.Fine;
    }
}
