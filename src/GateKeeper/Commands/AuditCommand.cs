using System.CommandLine;
using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Store;
using Microsoft.Data.Sqlite;

namespace GateKeeper.Commands;

internal static class AuditCommand
{
    public static Command Make()
    {
        var format = Common.Format();
        var command = new Command("audit", """
            Walk each trunk and name every commit that did not come through the gate; hold the journal against its own hashes and against the
            notes on what landed. No trailer is believed. 0 when all is accounted for, 1 when not.

            Example:
              gatekeeper audit --config settings.json
            """) { Common.Config, format };
        return command.Does(async (parsed, cancellation) =>
        {
            var settings = parsed.Settings();
            var findings = new List<string>();
            try
            {
                using var database = Database.Open(settings.Store);
                var journal = new Journal(database, TimeProvider.System);
                if (journal.Break() is { } broken)
                    findings.Add($"journal: {broken}");
                foreach (var repository in settings.Repositories)
                    findings.AddRange(await AuditAsync(settings, repository, journal, cancellation));
            }
            catch (SqliteException error)
            {
                findings.Add($"journal: the store {settings.Store} cannot be read: {error.Message}. {Journal.Cure}");
            }

            if (parsed.Json(format))
                Common.WriteJson(new { clean = findings.Count == 0, findings });
            else
                Console.WriteLine(findings.Count == 0 ? "Everything on the trunks is accounted for." : string.Join('\n', findings));
            return findings.Count == 0 ? ExitCodes.Fine : ExitCodes.No;
        });
    }

    private static async Task<List<string>> AuditAsync(GateSettings settings, RepositorySettings repository, Journal journal, CancellationToken cancellation)
    {
        using var mirror = await Connection.MirrorAsync(repository, Path.Combine(settings.Work, "audit", $"{repository.Name}.git"), Path.Combine(settings.Work, "home"), TimeProvider.System, cancellation);
        await mirror.RefreshAsync(name => name.StartsWith("refs/heads/", StringComparison.Ordinal) || name == PlainGitForge.EvidenceRef, cancellation);
        var findings = new List<string>();
        var written = journal.Entries().Where(entry => entry.Trunk.StartsWith(repository.Name + "/", StringComparison.Ordinal)).ToLookup(entry => entry.Trunk);
        findings.AddRange(written.SelectMany(group => group).Where(IsDamaged)
            .Select(entry => $"{entry.Trunk}: entry {entry.Id} of the journal ({entry.Kind}, {entry.At:yyyy-MM-dd HH:mm} UTC) is damaged: it does not say which commits it is about. {Journal.Cure}"));
        var trunks = repository.Trunks.Where(name => !name.Contains('*', StringComparison.Ordinal)).Select(name => $"{repository.Name}/{name}").Union(written.Where(group => Landed(group).Count > 0).Select(group => group.Key));
        foreach (var key in trunks)
        {
            if (!mirror.Refs.TryGetValue($"refs/heads/{key[(repository.Name.Length + 1)..]}", out var tip))
                findings.Add(mirror.Unfetchable.TryGetValue($"refs/heads/{key[(repository.Name.Length + 1)..]}", out var problem) ? $"{key}: the trunk cannot be fetched: {problem.Why}" : $"{key}: the trunk is gone");
            else
                findings.AddRange(Walk(mirror, key, tip, Landed(written[key]), journal));
        }

        return findings;
    }

    /// <summary>What the journal says was pushed and found on the trunk, and from where the first push began.</summary>
    private static List<(string From, string To, List<string> Commits)> Landed(IEnumerable<JournalEntry> entries)
    {
        var landed = new List<(string, string, List<string>)>();
        var begun = new Dictionary<string, JsonElement>();
        foreach (var entry in entries.Where(Tells))
        {
            if (Journal.Words(entry.Body) is not { } body)
                continue;
            var to = body.GetProperty("to").GetString()!;
            if (entry.Kind is "intent" or "installing")
                begun[to] = body;
            else if (begun.Remove(to, out var intent) && intent.TryGetProperty("from", out _))
            {
                // The last of the commits that were to land may stand there as what the forge made of it.
                var (from, last) = (intent.GetProperty("from").GetString()!, Journal.OnTrunk(body));
                landed.Add((from, last, intent.TryGetProperty("changes", out var changes) ? [.. changes.EnumerateArray().SkipLast(1).Select(change => change.GetProperty("commit").GetString()!), last] : [last]));
            }
        }

        return landed;
    }

    private static bool Tells(JournalEntry entry) => entry.Kind is "intent" or "landed" or "installing" or "installed";

    private static bool IsDamaged(JournalEntry entry) => Tells(entry) && (Journal.Words(entry.Body) is not { } words || (entry.Kind is "intent" or "installing" && !words.TryGetProperty("from", out _)));

    private static IEnumerable<string> Walk(Mirror mirror, string key, string tip, List<(string From, string To, List<string> Commits)> landed, Journal journal)
    {
        var ours = landed.SelectMany(push => push.Commits).ToHashSet();
        var between = landed.SelectMany(push => Between(mirror, push.From, push.To)).ToHashSet();
        var beginning = landed.Select(push => push.From).FirstOrDefault();
        foreach (var commit in mirror.FirstParents(tip).TakeWhile(commit => landed.Count > 0 && commit != beginning))
        {
            if (!ours.Contains(commit) && !between.Contains(commit))
                yield return $"{key}: {commit} did not come through the gate";
        }

        var line = mirror.FirstParents(tip).ToHashSet();
        foreach (var gone in ours.Where(commit => !line.Contains(commit)))
            yield return $"{key}: {gone} landed and is not on the trunk any more";

        var entries = journal.Entries().ToDictionary(entry => entry.Id);
        foreach (var commit in line)
        {
            if (Notes.LinesOrNull(mirror.Repository, mirror.Refs.GetValueOrDefault(PlainGitForge.EvidenceRef), commit) is not { } notes)
            {
                yield return $"{key}: the note on {new CommitSha(commit)} cannot be read";
                continue;
            }

            foreach (var note in notes)
            {
                if (note.Split(' ') is ["journal", var id, var hash] && !(long.TryParse(id, out var number) && entries.TryGetValue(number, out var entry) && entry.Hash == hash))
                    yield return $"{key}: the note on {new CommitSha(commit)} names entry {id} of the journal, which is not there as it was: the journal was cut off or replaced";
            }
        }
    }

    /// <summary>A rebase lands several commits for one change: those between what was pushed from and what was pushed. What is gone from the server is named as gone.</summary>
    private static IEnumerable<string> Between(Mirror mirror, string from, string to) => 
        mirror.Repository.FindCommit(to) is null ? [] : mirror.FirstParents(to).TakeWhile(commit => commit != from);
}
