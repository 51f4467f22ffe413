using System.CommandLine;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Store;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Commands;

internal static class RulesCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "The rules file to put in place." };
        var trunk = new Option<string>("--trunk") { Description = "The trunk.", DefaultValueFactory = _ => "main" };
        var reason = new Option<string>("--reason") { Description = "Why: in the commit and in the journal.", Required = true };
        var install = new Command("install", """
            Put a rules file on a trunk by a commit of the gate's own: the first rules, or the way out of rules that nobody can satisfy.
            It goes past every gate, so it is journaled and shown until a reviewed change touches the file.

            Example:
              gatekeeper rules install rules.yaml --trunk main --reason "first rules" --config settings.json
            """) { file, trunk, reason, Common.Config };
        install.Does(async (parsed, cancellation) =>
        {
            var path = parsed.GetValue(file)!;
            if (!File.Exists(path))
                throw new UsageException($"{path}: there is no such file");
            var text = await File.ReadAllTextAsync(path, cancellation);
            var loaded = RulesLoader.Load(text);
            if (loaded.Rules is null)
                return CommandLine.Fail(ExitCodes.No, loaded.Errors.Select(error => $"{path}:{error}"));
            return await InstallAsync(parsed, text, parsed.GetValue(trunk)!, parsed.GetValue(reason)!, cancellation);
        });
        return new("rules", "What the operator may do to the rules.") { install };
    }

    private static async Task<int> InstallAsync(ParseResult parsed, string text, string trunk, string reason, CancellationToken cancellation)
    {
        var settings = parsed.Settings();
        var key = settings.TrunkKey(trunk);
        var repository = settings.Repositories.First(repository => key.StartsWith(repository.Name + "/", StringComparison.Ordinal));
        var name = $"refs/heads/{key[(repository.Name.Length + 1)..]}";
        var credential = repository.Credential is { } from ? new Credential(repository.User, Secret.Read(from)) : null;
        using var mirror = await Mirror.OpenAsync(Path.Combine(settings.Work, "operator", $"{repository.Name}.git"), repository.Url, Path.Combine(settings.Work, "home"), credential, cancellation, repository.User);
        await mirror.RefreshOneAsync(name, cancellation);
        if (!mirror.Refs.TryGetValue(name, out var tip))
            return CommandLine.Fail(ExitCodes.Trouble, $"{repository.Url} has no branch {name}");

        var below = mirror.Repository.Lookup<Commit>(tip);
        var tree = TreeDefinition.From(below);
        tree.Add(repository.Rules, mirror.Repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))), Mode.NonExecutableFile);
        var signature = new GateIdentity(repository.User, repository.Email ?? "gatekeeper@localhost").Sign(TimeProvider.System.GetUtcNow());
        var message = MessageText.Compose($"Install {repository.Rules}", reason, [new("Rules-Installed-By", "operator")]);
        var commit = new CommitSha(mirror.Repository.ObjectDatabase.CreateCommit(signature, signature, message, mirror.Repository.ObjectDatabase.CreateTree(tree), [below], prettifyMessage: false).Sha);
        return settings.WithStore(database =>
        {
            var journal = new Journal(database, TimeProvider.System);
            journal.Write(key, "intent", System.Text.Json.JsonSerializer.Serialize(new { from = tip, to = commit.Hex, rules = reason, changes = new[] { new { change = "rules", revision = commit.Hex, commit = commit.Hex, title = $"Install {repository.Rules}", author = "operator", rewritten = false } } }));
            var answer = mirror.PushAsync(name, new CommitSha(tip), commit, Lease.PushLimit, cancellation).GetAwaiter().GetResult();
            if (answer is not PushAnswer.Done)
            {
                journal.Write(key, "not landed", $"{answer}");
                return CommandLine.Fail(ExitCodes.Trouble, $"the rules were not installed: {answer}");
            }

            journal.Write(key, "landed", System.Text.Json.JsonSerializer.Serialize(new { to = commit.Hex }));
            new TrunkMemory(database, key, 20).Set(state => state with { Tip = commit });
            new Notebook(database, TimeProvider.System).Raise($"rules-installed:{key}", $"the operator put {repository.Rules} in place past every gate: {reason}");
            Console.WriteLine($"{key} has the rules of {parsed.GetValue<string>("file")} as {commit}.");
            return ExitCodes.Fine;
        });
    }
}
