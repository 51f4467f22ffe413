using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;

namespace GateKeeper.Commands;

/// <summary>Reads the documented shape of a saved change, version 1. What is left out, or null, is not known or is not there.</summary>
internal static class SavedChange
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <param name="json">The text.</param>
    /// <param name="rules">The rules that it is to be judged by.</param>
    /// <param name="present">What time it is where the change does not say.</param>
    /// <returns>Null and every error when the text is no saved change.</returns>
    public static (Circumstances? Now, IReadOnlyList<string> Errors) Read(string json, Ruleset rules, DateTimeOffset present)
    {
        var errors = new List<string>();
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            var saved = new SavedFields(document.RootElement, "", errors);
            if (errors.Count > 0)
                return (null, [.. errors.Select(Harmless.Line)]);
            var now = Circumstances(saved, rules, present);
            saved.End();
            return errors.Count > 0 ? (null, [.. errors.Select(Harmless.Line)]) : (now, []);
        }
        catch (InvalidOperationException)
        {
            return (null, ["a text or a name in it is escaped to half a character (\\ud800 to \\udfff alone), which no text holds"]);
        }
        catch (JsonException error)
        {
            return (null, [$"line {error.LineNumber + 1}: this is no JSON: {error.Message.Split(" LineNumber:")[0]}"]);
        }
    }

    private static Circumstances Circumstances(SavedFields saved, Ruleset rules, DateTimeOffset present)
    {
        saved.There("version");
        saved.Number("version", 1, 1);
        var now = saved.Instant("now") ?? present;
        var forge = ForgeWarnings.TraitsOf(saved.Text("forge")) with { Repository = saved.Text("repository") };

        // GitHub tells no two people apart by letter case alone.
        Account Who(string name) => new(forge.OwnersByAt ? name.ToLowerInvariant() : name);
        var change = new Reader(saved, Who, rules.Measured).Change(now);
        var candidate = saved.Commit("candidate");
        var teams = saved.Map("teams", (teams, name) => new GroupMembers([.. (teams.Texts(name) ?? []).Select(Who)]));
        var owners = saved.Map("owners", (files, name) => new OwnersPart(name, files.Text(name) ?? ""));
        var circumstances = new Circumstances
        {
            Change = change,
            Now = now,
            Forge = forge,
            People = People.Resolve(rules, teams, Who),
            Owners = OwnersOf(rules, owners).ToDictionary(item => item.Key, item => forge.OwnersByAt ? item.File.ByAt(Who, team => People.Team(teams, team), address => Who(address)) : item.File),
        };
        var tests = saved.Map("tests", (tests, name) => tests.Text(name) switch
        {
            "passed" => (TestStanding)new TestStanding.Passed(""),
            "failed" => new TestStanding.Failed("as saved"),
            "running" => new TestStanding.Running(""),
            var other => new TestStanding.Unknown(other ?? "not known"),
        });

        // What is written of others' tests stands where no report of them is written down; the reports themselves say more.
        var reported = change.Checks.Select(check => check.Name).ToHashSet();
        foreach (var (name, standing) in SavedChecks.Of(rules, circumstances, candidate).Where(item => !tests.ContainsKey(item.Key) || reported.Contains(rules.Tests.First(test => test.Name == item.Key).Check!.Name)))
            tests[name] = standing;
        return circumstances with { Tests = tests };
    }

    /// <summary>The owners files that the rules name, of those that are written down.</summary>
    private static IEnumerable<(string Key, OwnersFile File)> OwnersOf(Ruleset rules, Dictionary<string, OwnersPart> saved)
    {
        foreach (var named in rules.Gates.SelectMany(gate => gate.Require.Flatten()).OfType<OwnersApprove>().DistinctBy(owners => owners.Key))
        {
            if (named.Nested && saved.Values.Where(part => named.Reads(part.Path)).ToList() is { Count: > 0 } parts)
                yield return (named.Key, OwnersFile.Of(parts));
            else if (!named.Nested && saved.TryGetValue(named.File, out var file))
                yield return (named.Key, OwnersFile.Parse(file.Text));
        }
    }

    private enum Signed
    {
        Unknown,
        None,
        Good,
        Bad,
    }

    /// <summary>Reads what the forge would tell of the change.</summary>
    private sealed class Reader(SavedFields saved, Func<string, Account> who, ValueList<PatternList>? measured)
    {
        public Change Change(DateTimeOffset now)
        {
            var id = saved.Text("id") ?? "1";
            saved.There("revision");
            var (target, current) = (saved.Text("trunk") ?? "main", saved.Commit("revision") ?? default);
            ValueList<string>? paths = saved.Texts("paths") is { } texts ? [.. texts] : null;
            var edits = Edits(paths);
            return new Change
            {
                Id = new(id),
                Number = id,
                Branch = saved.Text("branch"),
                Title = saved.Text("title") ?? "",
                Description = saved.Text("description") ?? "",
                CoAuthors = [.. (saved.Texts("co-authors") ?? []).Select(who)],
                Current = new(new(id), current),
                Target = target,
                Author = who(saved.Need("author")),
                Uploader = Account(saved.Text("uploader")),
                Draft = saved.Flag("draft"),
                Edits = edits,
                Paths = paths ?? (edits is null ? null : [.. edits.SelectMany(edit => new[] { edit.Path, edit.From }).OfType<string>().Distinct()]),
                Commits = [.. saved.Each("commits", (commit, _) => Commit(commit))],
                Labels = [.. saved.Each("labels", (label, _) => new Label(label.Need("name"), Account(label.Text("set-by"))))],
                Votes = [.. saved.Each("votes", (vote, index) => Vote(vote, index, current, target))],
                Requests = [.. saved.Each("requests", (request, index) => Request(request, index, current, now))],
                Checks = [.. saved.Each("checks", (check, _) => Check(check, current, now))],
                Unknowns = [.. saved.Texts("unknowns") ?? []],
            };
        }

        /// <summary>Where only a total is written down, it is known whose lines they are as long as no rule leaves out any.</summary>
        private ValueList<EditedFile>? Edits(ValueList<string>? paths)
        {
            var total = Lines(saved, "lines");
            ValueList<EditedFile> edits = [.. saved.Each("edits", (edit, _) => new EditedFile(edit.Need("path"), Lines(edit, "lines"))
            {
                From = edit.Text("from"),
                Before = Lines(edit, "lines-before"),
                After = Lines(edit, "lines-after"),
            })];
            return edits.Count > 0 ? edits
                : paths is null || (paths.Count == 0 && total > 0) ? null
                : [.. paths.Select((path, at) => new EditedFile(path, total is null || measured is { Count: > 0 } ? null : at == 0 ? total : 0))];
        }

        private static int? Lines(SavedFields fields, string name) => (int?)fields.Number(name, 0, int.MaxValue);

        private CommitFacts Commit(SavedFields commit)
        {
            var message = commit.Text("message") ?? "";
            commit.There("sha");
            return new()
            {
                Sha = commit.Commit("sha") ?? default,
                Author = Account(commit.Text("author")),
                Message = message,
                Trailers = Git.MessageText.Trailers(message),
                CoAuthors = [.. (commit.Texts("co-authors") ?? []).Select(who)],
                Parents = (int?)commit.Number("parents", 0, 1000) ?? 1,
                Signature = Signature(commit),
            };
        }

        private CommitSignature Signature(SavedFields commit)
        {
            var (said, signer) = (commit.Choice<Signed>("signature"), commit.Text("signer"));
            return said switch
            {
                Signed.Good => new CommitSignature.Good(signer ?? "somebody", Account(signer)),
                Signed.Bad => new CommitSignature.Bad("carries a signature that is not good"),
                Signed.None => new CommitSignature.None(),
                _ => new CommitSignature.Unknown("it is not said whether its commits are signed"),
            };
        }

        private Vote Vote(SavedFields vote, int index, CommitSha current, string target)
        {
            var meant = vote.Text("target");
            return new()
            {
                By = who(vote.Need("by")),
                Value = vote.Choice<VoteValue>("value") ?? VoteValue.Neither,
                On = vote.Commit("on") ?? current,
                Label = vote.Text("label"),
                Score = (int?)vote.Number("score", int.MinValue, int.MaxValue) ?? 0,
                At = vote.Instant("at") ?? default,
                Order = vote.Number("order", long.MinValue, long.MaxValue) ?? index + 1,
                RemovedBy = Account(vote.Text("removed-by")),
                Void = vote.Text("void") ?? (meant is null || meant == target ? null : $"was given for another target, {meant}"),
            };
        }

        private Request Request(SavedFields request, int index, CommitSha current, DateTimeOffset now)
        {
            request.There("kind");
            return new()
            {
                By = who(request.Need("by")),
                Kind = request.Choice<RequestKind>("kind") ?? default,
                On = request.Commit("on") ?? current,
                Argument = request.Text("argument") ?? "",
                Reason = request.Text("reason") ?? "",
                Order = index + 1,
                At = request.Instant("at") ?? now,
            };
        }

        private static Check Check(SavedFields check, CommitSha current, DateTimeOffset now) => new()
        {
            Name = check.Need("name"),
            State = check.Need("state"),
            At = check.Instant("at") ?? now,
            On = check.Commit("on") ?? current,
            Source = [.. check.Map("source", (source, name) => source.Text(name) ?? "")],
        };

        private Account? Account(string? name) => name is null ? null : who(name);
    }
}
