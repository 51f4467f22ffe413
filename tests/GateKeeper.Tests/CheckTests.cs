using GateKeeper.Commands;
using GateKeeper.Core.Rules;

namespace GateKeeper.Tests;

/// <summary>What <c>check --forge</c> says of rules that are valid, and ask for what never comes.</summary>
public sealed class CheckTests
{
    private const string Everything = """
        version: 1
        groups: { core: { users: [ann, "@bob", carol@example.org], teams: [core, acme/core] } }
        tests:
          build: { check: build, from: { app: github-actions }, on: revision }
          scan: { check: scan, from: { label: Scanned, user: scanner } }
          ci: { check: ci, from: { agent: ci } }
        gates:
          - { name: votes, require: { vote: { label: Code-Review, at-least: 2, count: 1 }, from: core } }
          - { name: labels, when: { labels: [big] }, require: { labels: [ready] } }
          - { name: drafts, when: { any: [{ draft: true }, { not: { labels: [a], set-by: core } }] }, require: { commits: { max: 3 } } }
          - { name: owners, require: { all: [{ owners: OWNERS }, { owners: { file: CODEOWNERS, each: true } }, { owners: { file: CODEOWNERS, nested: true } }, { approvals: 1, from: core, lifted-by: core }] } }
          - { name: tests, require: { tests: all } }
          - { name: branches, when: { source-branches: [stable, "ann:fix"], repositories: [tool, acme/tool] }, require: { not: { any: [{ source-branches: ["wip/*"] }, { labels: [wip] }] } } }
        landing: { priority: [{ when: { labels: [hotfix], set-by: core }, value: 9 }] }
        freezes: [{ name: week-end, weekly: { from: Fri 17:00, to: Mon 08:00, zone: Etc/UTC }, except: { labels: [hotfix], set-by: core } }]
        """;

    private static readonly string[] OnGit =
    [
        "gate \"votes\": plain git has no labels with scores, so this never passes",
        "gate \"labels\": plain git has no labels, so this never passes",
        "gate \"branches\": plain git has no labels, so this never passes",
        "gate \"labels\": plain git has no labels, so this condition never holds",
        "gate \"drafts\": plain git has no drafts, so this condition never holds",
        "gate \"drafts\": plain git has no labels, so this condition never holds",
        "gate \"branches\": no branch on plain git is called ann:fix: there are no forks there",
        "freeze week-end: plain git has no labels, so this condition never holds",
        "priority 9: plain git has no labels, so this condition never holds",
        "group core: plain git has no teams, so the group can never be read whole",
        "group core: nobody on plain git is called @bob: accounts are written without @",
        "test build: no report on plain git says its app, so none ever counts; \"from\" may name agent, account there",
        "test build: on plain git anybody may report under any name: let \"from\" name account",
        "test scan: no report on plain git says its label, so none ever counts; \"from\" may name agent, account there",
        "test scan: no report on plain git says its user, so none ever counts; \"from\" may name agent, account there",
        "test scan: on plain git anybody may report under any name: let \"from\" name account",
        "test scan: on plain git nobody can report on candidates; say on: revision",
        "test ci: on plain git anybody may report under any name: let \"from\" name account",
        "test ci: on plain git nobody can report on candidates; say on: revision",
    ];

    private static readonly string[] OnGerrit =
    [
        "gate \"branches\": Gerrit does not tell which branch a change comes from, so what depends on source-branches is never known, and waits",
        "group core: nobody on Gerrit is called @bob: accounts are written without @",
        "test build: no report on Gerrit says its app, so none ever counts; \"from\" may name label, user there",
        "test build: on Gerrit anybody may report under any name: let \"from\" name user",
        "test scan: on Gerrit nobody can report on candidates; say on: revision",
        "test ci: no report on Gerrit says its agent, so none ever counts; \"from\" may name label, user there",
        "test ci: on Gerrit anybody may report under any name: let \"from\" name user",
        "test ci: on Gerrit nobody can report on candidates; say on: revision",
    ];

    private static readonly string[] OnGitHub =
    [
        "gate \"votes\": GitHub has no labels with scores, so this never passes",
        "gate \"owners\": GitHub itself looks for owners in .github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS only; the gate reads OWNERS, and asks nobody there for a review",
        "gate \"owners\": GitHub itself looks for owners in .github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS only; the gate reads CODEOWNERS in each directory, and GitHub asks nobody named there for a review",
        "gate \"branches\": no repository on GitHub is called tool: repositories are written owner/name there",
        "group core: nobody on GitHub is called @bob: people are named by their logins there, without @",
        "group core: nobody on GitHub is called carol@example.org: people are named by their logins there, without @",
        "group core: no team on GitHub is called core: teams are written organization/team there",
        "test build: app: github-actions is every workflow that anybody adds; name the workflow's file",
        "test build: on: revision counts what a workflow says of the change alone, and of itself as the change has it; on: candidate, the default, asks the merge that would land",
        "test scan: no report on GitHub says its label, so none ever counts; \"from\" may name app, workflow, event, user there",
        "test ci: no report on GitHub says its agent, so none ever counts; \"from\" may name app, workflow, event, user there",
        "test ci: on GitHub anybody may report under any name: let \"from\" name app or user",
    ];

    private static readonly TestCaseData[] Forges = [new("git", OnGit), new("gerrit", OnGerrit), new("github", OnGitHub)];

    [TestCaseSource(nameof(Forges))]
    public void Of_each_forge_it_is_said_what_it_cannot_tell(string forge, string[] words) =>
        Assert.That(ForgeWarnings.Of(Rules(Everything), new(), forge).Select(problem => problem.Message), Is.EqualTo(words));

    [TestCase("github", "github")]
    [TestCase("openstack", "gerrit")]
    [TestCase("kubernetes", "github", "gate \"the owners of the code\": GitHub itself looks for owners in")]
    public void The_examples_ask_for_what_their_forges_tell(string example, string forge, params string[] but) =>
        Assert.That(ForgeWarnings.Of(Rules(File.ReadAllText(Path.Combine(Root(), "deploy", "examples", $"{example}.yaml"))), new(), forge).Select(problem => problem.Message), Has.Exactly(but.Length).Items);

    [Test]
    public async Task The_command_warns_and_a_forge_that_it_does_not_know_is_a_wrong_question()
    {
        using var terminal = new Terminal();
        var file = terminal.Write("rules.yaml", Everything);

        var warned = await terminal.RunAsync("check", file, "--forge", "github");
        var asked = await terminal.RunAsync("check", file, "--forge", "svn");

        Assert.That((warned.Code, warned.Output.Contains(": warning: gate \"votes\": GitHub has no labels with scores", StringComparison.Ordinal)), Is.EqualTo((0, true)), warned.Errors);
        Assert.That((asked.Code, asked.Errors), Is.EqualTo((2, "gatekeeper: this program knows what git, gerrit, github can tell, not \"svn\"\n")));
    }

    /// <summary>A test that passes in a person's work tree may fail in a run, and the other way round.</summary>
    [Test]
    public async Task What_runs_see_in_another_way_than_work_trees_is_warned_of_where_a_test_gets_it()
    {
        using var terminal = new Terminal();
        var file = terminal.Write("rules.yaml", """
            version: 1
            groups: { core: { users: [ann] } }
            tests:
              unit: { run: "true", inputs: ["**", "!pictures/**"] }
              docs: { run: "true", inputs: ["docs/**"] }
            gates: [{ name: tests, require: { tests: all } }]
            """);
        terminal.Write(".gitattributes", "*.bin filter=lfs -text\n*.bat eol=crlf\n*.utf16 working-tree-encoding=UTF-16LE\n*.sh eol=lf\n");
        await terminal.GitAsync("init", "--quiet", ".");
        Directory.CreateDirectory(Path.Combine(terminal.Folder, "pictures"));
        foreach (var name in (string[])["a.bin", "b.bin", "c.bin", "d.bin", "pictures/e.bin", "run.bat", "run.sh", "text.utf16"])
            terminal.Write(name, "x\n");
        await terminal.GitAsync("-c", "filter.lfs.clean=", "-c", "filter.lfs.required=false", "add", ".");
        await terminal.GitAsync("update-index", "--add", "--cacheinfo", $"160000,{new string('1', 40)},lib/other");

        var warned = await terminal.RunAsync("check", file);

        Assert.That(warned.Output.Split('\n').Where(line => line.Contains("warning", StringComparison.Ordinal)).Select(line => line[line.IndexOf("test ", StringComparison.Ordinal)..]), Is.EqualTo(new[]
        {
            "test unit: a.bin, b.bin, c.bin and 1 more: Git LFS keeps the content elsewhere, and runs see only the pointer; leave it out of \"inputs\", or let a prepare step with the network fetch the content into $HOME",
            "test unit: lib/other: a submodule is an empty directory in runs; let a prepare step with the network fetch it",
            "test unit: run.bat: .gitattributes wants CR LF in work trees; runs see the repository's LF",
            "test unit: text.utf16: .gitattributes converts it for work trees (filter, working-tree-encoding or ident); runs see what the repository holds",
        }), warned.Errors);
        Assert.That(warned.Code, Is.Zero);
    }

    /// <summary>Every change would wait for an owners file that is not there, or that nobody can read.</summary>
    [Test]
    public async Task Owners_files_of_the_work_tree_that_nobody_can_read_are_warned_of()
    {
        using var terminal = new Terminal();
        var file = terminal.Write("rules.yaml", """
            version: 1
            gates:
              - { name: one, require: { owners: CODEOWNERS } }
              - { name: all, require: { owners: { file: OWNERS, nested: true } } }
              - { name: two, require: { owners: { file: docs/OWNERS, each: true } } }
            """);
        await terminal.GitAsync("init", "--quiet", ".");
        var missing = await terminal.RunAsync("check", file);
        Directory.CreateDirectory(Path.Combine(terminal.Folder, "docs"));
        terminal.Write("docs/OWNERS", "* ann\n!x bob\n");
        File.CreateSymbolicLink(Path.Combine(terminal.Folder, "CODEOWNERS"), "docs/OWNERS");
        var unread = await terminal.RunAsync("check", file);
        terminal.Write("docs/OWNERS", "* ann\n");
        terminal.Write("OWNERS", "* ann\n");
        File.Delete(Path.Combine(terminal.Folder, "CODEOWNERS"));
        terminal.Write("CODEOWNERS", "* ann\n");
        await terminal.GitAsync("add", ".");
        var fine = await terminal.RunAsync("check", file);

        const string line2 = "a pattern that begins with ! is none here: write a later line for what others own";
        Assert.That(Warnings(missing), Is.EqualTo(new[]
        {
            "3:37: warning: gate \"one\": there is no CODEOWNERS, so that it waits until there is one",
            "4:37: warning: gate \"all\": there is no OWNERS in any directory, so that it waits until there is one",
            "5:37: warning: gate \"two\": there is no docs/OWNERS, so that it waits until there is one",
        }));
        Assert.That(Warnings(unread), Is.EqualTo(new[]
        {
            "3:37: warning: gate \"one\": CODEOWNERS cannot be read: it is no regular file",
            $"4:37: warning: gate \"all\": OWNERS cannot be read: docs/OWNERS, line 2: {line2}",
            $"5:37: warning: gate \"two\": docs/OWNERS cannot be read: line 2: {line2}",
        }));
        Assert.That((Warnings(fine), fine.Code, missing.Code), Is.EqualTo((Array.Empty<string>(), 0, 0)), fine.Errors);

        string[] Warnings(Seen seen) => [.. seen.Output.Split('\n').Where(line => line.Contains("warning", StringComparison.Ordinal)).Select(line => line[(file.Length + 1)..])];
    }

    private static Ruleset Rules(string text) => RulesLoader.Load(text) is { Rules: { } rules } ? rules : throw new AssertionException(string.Join("\n", RulesLoader.Load(text).Problems));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "GateKeeper.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
