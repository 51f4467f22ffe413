using System.Text;
using GateKeeper.Commands;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Reports;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Forges.GitHub;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Settings;

namespace GateKeeper.Tests.Fuzz;

/// <summary>
/// Every reader of outside text, by a name: given any bytes, it comes to an end, and nothing leaves it but the one kind of error that those who
/// call it expect. That one is caught here; whatever else is thrown is a find.
/// </summary>
internal static class Readers
{
    // Read when it is needed: code that is watched for coverage may not run before the watch is set up.
    private static readonly Lazy<Ruleset> Rules = new(() => RulesLoader.Load("version: 1\ngroups: { core: { users: [bob] } }\ngates: [{ name: a, require: { approvals: 1, from: core, lifted-by: core } }, { name: o, require: { owners: CODEOWNERS } }, { name: n, require: { owners: { file: OWNERS, nested: true, each: true } } }, { name: s, require: { size: { max-lines: 1, max-files: 1, except: ['*.lock'] } } }]\n").Rules!);
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly Change Change = new()
    {
        Id = new("1"),
        Title = "WIP: \u202eparse it",
        Branch = "octocat:wip/a",
        Current = new(new("1"), new(new string('1', 40))),
        Target = "main",
        Author = new("bob"),
        Uploader = new("bob"),
        Paths = ["src/a.c", "vendor/\n"],
        Commits = [new() { Sha = new(new string('1', 40)), Author = new Account("bob"), Message = "fixup! parse it" }],
    };

    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["rules"] = bytes => Judged(RulesLoader.Load(bytes)),
        ["owners"] = bytes =>
        {
            foreach (var file in (OwnersFile[])[OwnersFile.Parse(Text(bytes)), OwnersFile.Of([new("src/OWNERS", Text(bytes)), new("OWNERS", Text(bytes[(bytes.Length / 2)..])), new(Text(bytes), "* bob")])])
                _ = file.Known(name => name).ByAt(name => new(name), _ => new([]), _ => null).For("src/a.c");
        },
        ["patterns"] = bytes => Pattern(Text(bytes)),
        ["requests"] = bytes => _ = RequestText.Parse(Text(bytes)),
        ["messages"] = bytes => Message(Text(bytes)),
        ["notes"] = bytes => Notes(Text(bytes)),
        ["accounts"] = bytes => Expect<FormatException>(() => Accounts.Parse(Text(bytes)).Of("ana@example.org")),
        ["push-log"] = bytes => PushLog.Read(1, Text(bytes)).ToList(),
        ["refs"] = bytes => Expect<GitException>(() => ListedRefs.Read(new(0, bytes, ""))),
        ["merges"] = Merges,
        ["push"] = bytes => _ = PushAnswer.Read(new(bytes.Length % 2, bytes, Text(bytes))),
        ["gerrit-log"] = bytes => LogCommit.Read(0, "1000004@server", Now, Text(bytes)).ToList(),
        ["gerrit-comments"] = bytes => LogComments.Read(Text(bytes)),
        ["gerrit-events"] = bytes => EventStream.Matters(Text(bytes), "tool"),
        ["gerrit-answers"] = bytes => Expect<ForgeException>(() => Changes(GerritClient.Read("changes", Text(bytes), GerritJson.Default.IReadOnlyListChangeDto))),
        ["github-lists"] = bytes => Expect<ForgeException>(() => GitHubClient.Read("pulls", Text(bytes), GitHubJson.Default.IReadOnlyListListedDto).Select(item => item.Head.Sha).ToList()),
        ["github-answers"] = bytes => Expect<ForgeException>(() => Pulls(GitHubClient.Read("graph", Text(bytes), GraphJson.Default.GraphAnswerPullsDataDto))),
        ["github-errors"] = bytes => _ = Wire.IsRefusal(Text(bytes)) ? "" : Wire.Message(Text(bytes)),
        ["workflows"] = bytes => Workflow(WorkflowFile.Read("w.yml", Text(bytes))),
        ["junit"] = Reports,
        ["saved-changes"] = bytes => _ = SavedChange.Read(Text(bytes), Rules.Value, Now).Now is { } now ? Judge.Of(Rules.Value, now) : null,
        ["settings"] = Settings,
        ["terminal"] = bytes => Harmless.Text(Text(bytes)),
    };

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static void Reports(byte[] bytes)
    {
        var cases = JunitReports.Read([new("out/one.xml", bytes), new("out/two.xml", bytes.AsMemory(bytes.Length / 2))]);
        var told = RunWords.Failed("unit ended with exit code 1", "out/*.xml", cases, new(), Text(bytes));
        if (told.Why.Length > 6_000 || told.Whole.Split('\n').Any(line => line.Length > 2_500) || told.Whole.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\t')))
            throw new InvalidOperationException("what is told is bounded and plain");
    }

    private static void Judged(LoadedRules loaded)
    {
        if (loaded.Rules is { } rules)
        {
            var people = Core.Rules.People.Resolve(rules, new Dictionary<string, GroupMembers>(), name => new(name));
            var now = new Circumstances { Change = Change, People = people, Forge = ForgeTraits.Everything with { Repository = "acme/tool" }, Now = Now };
            _ = (rules.Required.ToList(), Judge.Of(rules, now).Missing.ToList(), Asked.Frozen(rules, now), Asked.Labelled(rules, now));
        }
        else if (!loaded.Errors.Any() || loaded.Said.Length > 10_000)
            throw new InvalidOperationException("what is refused is refused for a reason, and in few words");
    }

    private static void Pattern(string text)
    {
        var (pattern, path) = text.IndexOf('\n', StringComparison.Ordinal) is > -1 and var end ? (text[..end], text[(end + 1)..]) : (text, text);
        _ = PatternList.Read([pattern], PatternOf.Path, (_, _) => { }) is var list && list.Matches(path) == list.MayMatchBelow(path);
        _ = Core.Gates.Pattern.TryParse(pattern, out _)?.Matches(path);
    }

    private static void Message(string text)
    {
        _ = MessageText.Trailers(text);
        _ = DependsOnLines.Names(text).ToList();
        _ = DependsOnLines.NearMisses(text).ToList();
    }

    private static void Notes(string text)
    {
        foreach (var line in NoteLines.Split(text))
        {
            _ = NoteLines.Loses(line, NoteLines.Comment);
            if (NoteLines.Comment(line) is { } comment)
                _ = GoJson.Hash(GoJson.Canonical(comment));
            if (NoteLines.Request(line) is { } request)
                _ = GoJson.Hash(GoJson.Canonical(request));
            _ = NoteLines.Ci(line);
        }
    }

    private static void Workflow(WorkflowFile file) =>
        _ = (file.Has("push"), file.LooksAtPaths, file.RunsOn("main"), file.RunsOn("gatekeeper/main/1"));

    private static void Changes(IReadOnlyList<ChangeDto> changes)
    {
        foreach (var change in changes)
            _ = (change.Project.Length, change.Labels?.Values.Select(label => label.Clamp(2)).ToList(), change.SubmitRequirements?.Select(requirement => requirement.IsMet).ToList(), change.Messages?.Select(message => message.Message.Length).ToList());
    }

    private static void Merges(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var answers = new MergeAnswers(stream);
        Expect<IOException>(() =>
        {
            while (!answers.IsAtTheEnd || stream.Position < stream.Length)
                _ = answers.NextAsync(default).GetAwaiter().GetResult();
        });
    }

    private static void Pulls(GraphAnswer<PullsDataDto> answer)
    {
        foreach (var pull in (answer.Data?.Nodes ?? []).OfType<PullDto>().Select(pull => pull.WithoutHoles()).Where(pull => pull.IsWhole))
            _ = (pull.HasMore, pull.HeadLabel, pull.Fingerprint(), pull.With(pull), Opinions.Labels(pull, Who).ToList(), Opinions.Votes(pull, Who).ToList());
    }

    private static Account Who(WhoDto? who) => new(who is null ? "" : who.Login);

    private static void Settings(byte[] bytes)
    {
        var path = Path.Combine(Path.GetTempPath(), $"gatekeeper-fuzz-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.json");
        File.WriteAllBytes(path, bytes);
        _ = SettingsReader.ReadFile(path, []);
        File.Delete(path);
    }

    private static void Expect<T>(Action read)
        where T : Exception
    {
        try
        {
            read();
        }
        catch (T)
        {
            // This is how it says no.
        }
    }
}
