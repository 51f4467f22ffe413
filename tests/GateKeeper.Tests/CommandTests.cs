using GateKeeper.Commands;
using GateKeeper.Core.Changes;

namespace GateKeeper.Tests;

/// <summary>The commands of those who propose and review, as they see them in their clones.</summary>
public sealed class CommandTests
{
    [Test]
    public async Task What_has_landed_is_not_open_and_nobody_votes_on_it_any_more()
    {
        await using var world = await World.StartAsync();
        var landed = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        var open = await world.ProposeAsync("two", "two.txt");
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "carol");

        var list = await terminal.RunAsync("list");
        var late = await terminal.RunAsync("vote", landed[..10], "-1");
        var hold = await terminal.RunAsync("hold", landed[..10]);
        var vote = await terminal.RunAsync("vote", "two", "+1");
        var named = await terminal.RunAsync("hold", $"tool/{open[..10]}");
        var vague = await terminal.RunAsync("hold", $"tool/{open[..6]}");

        Assert.That((named.Code, vague.Code), Is.EqualTo((0, 1)), named.Errors);
        Assert.That(list.Output, Does.Contain(open[..12]).And.Not.Contain(landed[..12]));
        Assert.That((late.Code, hold.Code), Is.EqualTo((1, 1)));
        Assert.That(late.Errors, Does.StartWith($"gatekeeper: {landed[..12]} (Add one) has landed, so votes and requests change nothing any more"));
        Assert.That((vote.Code, vote.Output.StartsWith("The vote is cast on", StringComparison.Ordinal)), Is.EqualTo((0, true)), vote.Errors);
    }

    [Test]
    public async Task Of_two_changes_on_one_branch_its_name_means_the_open_one()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("topic", "one.txt");
        await world.SettleAsync();
        await world.GitAsync("branch", "--force", "topic", "main");
        var second = await world.ProposeAsync("topic", "two.txt");
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "bob");

        var vote = await terminal.RunAsync("vote", "topic", "+1");
        await world.SettleAsync();

        Assert.That(vote.Code, Is.Zero, vote.Errors);
        Assert.That(world.House.Notebook.LandingsOf(second), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_upper_half_of_a_stack_has_landed_when_its_trunk_has_it()
    {
        await using var world = await World.StartAsync();
        var lower = await world.ProposeAsync("lower", "lower.txt");
        var upper = await world.ProposeAsync("upper", "upper.txt", on: "lower");
        await world.ApproveAsync(lower);
        await world.SettleAsync();
        var client = await world.People.ClientAsync("bob", default);
        Assert.That((client.HasLanded(client.Find(lower)), client.HasLanded(client.Find(upper))), Is.EqualTo((true, false)));

        await world.ApproveAsync(upper);
        await world.SettleAsync();
        client = await world.People.ClientAsync("bob", default);
        Assert.That(client.HasLanded(client.Find(upper)));
    }

    [Test]
    public async Task A_name_with_line_breaks_in_it_makes_no_line_of_a_list()
    {
        await using var world = await World.StartAsync();
        var id = await world.ProposeAsync("one", "one.txt");
        await world.GitAsync(
            "-c", "user.name=eve", "-c", "user.email=eve@example.org", "notes", "--ref=refs/notes/devtools/reviews", "add", "-f", "-m",
            """{"timestamp":"1763636400","reviewRef":"refs/heads/one","targetRef":"refs/heads/main","requester":"eve\n4f1c2a4f1c2a  bob@example.org  Reviewed already","description":"one"}""", id);
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "carol");

        var list = await terminal.RunAsync("list");

        Assert.That(list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.One.Contains(id[..12]).And.Exactly(1).Items, list.Output + list.Errors);
    }

    [Test]
    public async Task In_a_linked_work_tree_people_speak_as_git_has_them_there_and_fetch_nothing_that_the_clone_has()
    {
        await using var world = await World.StartAsync();
        var noise = new byte[3 << 20];
        new Random(1).NextBytes(noise);
        world.People.Push("main", "ann", "Noise", new Dictionary<string, string?> { ["noise"] = Convert.ToBase64String(noise) });
        world.People.Push("topic", "ann", "Add topic", new Dictionary<string, string?> { ["x"] = "x\n" });
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "carol");
        await terminal.GitAsync("config", "extensions.worktreeConfig", "true");
        await terminal.GitAsync("worktree", "add", "--quiet", "-b", "beside", "linked");
        var linked = terminal.Below("linked");
        await linked.GitAsync("config", "--worktree", "user.email", "dora@example.org");

        var proposed = await linked.RunAsync(("GIT_DEFAULT_HASH", "sha256"), "propose", "topic");
        var listed = await linked.RunAsync("list");
        var voted = await linked.RunAsync(("GIT_AUTHOR_EMAIL", "eve@example.org"), "vote", "topic", "-1");

        Assert.That((proposed.Code, proposed.Errors), Is.EqualTo((0, "")));
        Assert.That(listed.Output, Does.Contain("dora@example.org"), listed.Errors);
        Assert.That(voted.Code, Is.Zero, voted.Errors);
        Assert.That((await world.People.ClientAsync("ann", default)).Find("topic").Comments.Single().Line.Author, Is.EqualTo("eve@example.org"));
        Assert.That(new DirectoryInfo(Path.Combine(terminal.Folder, ".git", "gatekeeper.git")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length), Is.LessThan(1 << 20));
    }

    [Test]
    public async Task What_the_clone_no_longer_has_is_fetched_anew()
    {
        await using var world = await World.StartAsync();
        var id = await world.ProposeAsync("topic", "x.txt");
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "carol");
        await terminal.RunAsync("list");
        await File.WriteAllTextAsync(Path.Combine(terminal.Folder, ".git", "gatekeeper.git", "refs", "forge", "heads", "gone"), new string('1', 40) + "\n");

        var listed = await terminal.RunAsync("list");

        Assert.That((listed.Code, listed.Output), Is.EqualTo((0, listed.Output)), listed.Errors);
        Assert.That(listed.Output, Does.Contain(id[..12]));
        Assert.That(File.Exists(Path.Combine(terminal.Folder, ".git", "gatekeeper.git", "refs", "forge", "heads", "gone")), Is.False);
    }

    [Test]
    public async Task A_git_that_is_too_old_is_told_at_the_start_and_by_the_doctor()
    {
        await using var world = await World.StartAsync();
        using var terminal = new Terminal();
        terminal.Write("settings.json", $$"""{ "repositories": [{ "name": "tool", "forge": "git", "url": "{{world.Url}}", "identity": "trusted", "trunks": ["main"], "rules": "rules.yaml" }], "work": "{{terminal.Folder}}/work", "store": "sqlite:{{terminal.Folder}}/store.db" }""");
        Directory.CreateDirectory(Path.Combine(terminal.Folder, "bin"));
        var git = terminal.Write("bin/git", "#!/bin/sh\n[ \"$1\" = version ] && { echo git version 2.34.1; exit; }\nPATH=${PATH#*:} exec git \"$@\"\n");
        File.SetUnixFileMode(git, (UnixFileMode)0b111_101_101);
        var path = ("PATH", $"{terminal.Folder}/bin:{Environment.GetEnvironmentVariable("PATH")}");

        var run = await terminal.RunAsync(path, "run", "--once", "--config", "settings.json");
        var doctor = await terminal.RunAsync(path, "doctor", "--config", "settings.json");

        Assert.That((run.Code, run.Errors), Is.EqualTo((3, "gatekeeper: git version 2.34.1 is too old: git 2.38 or later is needed, for git merge-tree --write-tree\n")));
        Assert.That(doctor.Output, Does.Contain("wrong   git: git version 2.34.1 is too old"), doctor.Errors);
    }

    [TestCase("Did you mean explain?", "expalin", "4f1c2a")]
    [TestCase("Did you mean install?", "rules", "instal", "rules.yaml")]
    [TestCase("Did you mean --observe?", "run", "--obsreve")]
    [TestCase("Did you mean --set?", "run", "--sett", "runs.slots=4")]
    [TestCase("Did you mean --schema?", "check", "--schem")]
    [TestCase("Did you mean --target?", "propose", "--targt", "main")]
    [TestCase("Did you mean --config?", "run", "--conf", "x.json")]
    [TestCase(null, "--config", "x.json", "run")]
    [TestCase(null, "frobnicate")]
    public async Task What_is_misspelt_gets_a_suggestion(string? words, params string[] arguments)
    {
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync(arguments);

        Assert.That((seen.Code, seen.Output), Is.EqualTo((2, "")));
        Assert.That(seen.Errors.Split('\n').Where(line => line.Contains("mean", StringComparison.Ordinal)), Is.EqualTo(words is null ? [] : (string[])[$"gatekeeper: {words}"]), seen.Errors);
        Assert.That(seen.Errors, Does.EndWith("gatekeeper --help lists the commands, gatekeeper COMMAND --help shows one with examples.\n"));
    }

    [TestCase("gatekeeper: --config stands behind the command: gatekeeper run --config ...", "--config", "x.json", "run")]
    [TestCase("gatekeeper: there is no option --schem; what begins with -- and is none stands behind \"--\"", "check", "--schem")]
    [TestCase("gatekeeper: vote needs <vote>: +1 approves, -1 vetoes, 0 takes back.", "vote", "4f1c2a")]
    [TestCase("gatekeeper: init needs one of git, gerrit, github", "init")]
    [TestCase("gatekeeper: rules needs one of install", "rules")]
    public async Task What_is_wrong_with_a_command_line_is_said_of_the_word_that_is_wrong(string words, params string[] arguments)
    {
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync(arguments);

        Assert.That((seen.Code, seen.Output), Is.EqualTo((2, "")));
        Assert.That(seen.Errors.Split('\n'), Has.One.EqualTo(words), seen.Errors);
        Assert.That(seen.Errors.Contains("Required command was not provided", StringComparison.Ordinal), Is.False, seen.Errors);
    }

    [TestCase("Usage:\n  gatekeeper [command]", "help")]
    [TestCase("Usage:\n  gatekeeper check [<file>]", "help", "check")]
    [TestCase("Usage:\n  gatekeeper rules install <file>", "help", "rules", "install")]
    public async Task Help_may_be_asked_for_as_a_command(string words, params string[] arguments)
    {
        using var terminal = new Terminal();

        var seen = await terminal.RunAsync(arguments);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((0, "")));
        Assert.That(seen.Output, Does.Contain(words));
    }

    [Test]
    public async Task In_a_repository_whose_first_branch_is_called_otherwise_no_command_asks_for_main()
    {
        using var terminal = new Terminal();
        terminal.Write("accounts.json", """{ "ana": { "emails": ["ana@example.org"] }, "bob": { "emails": ["bob@example.org"] } }""");
        var seen = await terminal.ShellAsync($$"""
            PATH='{{AppContext.BaseDirectory}}':"$PATH"; export GATEKEEPER__work="$PWD/work" GATEKEEPER_ACCOUNT=ana
            git init -q --initial-branch=master first && cd first && git config user.name ana && git config user.email ana@example.org && git commit -q --allow-empty -m 'The beginning' && cd ..
            git clone -q --bare first tool.git
            gatekeeper guard tool.git --accounts accounts.json
            gatekeeper init git tool.git
            gatekeeper rules install rules.yaml --reason first --config settings.json
            git clone -q tool.git clone && cd clone && git config user.name ana && git config user.email ana@example.org
            git checkout -q -b feature && git commit -q --allow-empty -m 'Add it' && git push -q origin feature
            gatekeeper propose
            gatekeeper propose --target mian || true
            """);

        Assert.That(seen.Code, Is.Zero, seen.Errors);
        Assert.That(seen.Output, Does.Contain("only gatekeeper moves master\n").And.Not.Contain("no trunk any more"));
        Assert.That(seen.Output, Does.Contain("tool/master has rules.yaml as you gave it").And.Contain(" is proposed for master.\n"));
        Assert.That(seen.Errors, Does.Contain("gatekeeper: the server has no branch \"mian\" that it could land on: name the trunk by --target (the server has feature, master)\n"));
    }

    [Test]
    public async Task A_repository_with_hooks_of_its_own_gets_no_half_of_a_guard_and_trunks_that_are_misspelt_are_told()
    {
        using var terminal = new Terminal();
        terminal.Write("accounts.json", """{ "ana": { "emails": ["ana@example.org"] } }""");
        var seen = await terminal.ShellAsync($$"""
            PATH='{{AppContext.BaseDirectory}}':"$PATH"
            git init -q --initial-branch=main first && git -C first -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m 'The beginning' && git clone -q --bare first tool.git
            echo 'exit 0' > tool.git/hooks/pre-receive
            gatekeeper guard tool.git --accounts accounts.json || ls tool.git
            rm tool.git/hooks/pre-receive && git -C tool.git config core.hooksPath /srv/hooks
            gatekeeper guard tool.git --trunk mian --accounts accounts.json
            """);

        Assert.That(seen.Code, Is.Zero, seen.Errors);
        Assert.That(seen.Errors, Does.Contain("pre-receive is there already"));
        Assert.That(seen.Output.Split('\n'), Has.None.EqualTo("gatekeeper"), "what the guard was told lies there though it is not at work");
        Assert.That(seen.Output, Does.Contain("core.hooksPath was /srv/hooks: the hooks there are not called any more\n").And.Contain("there is no branch mian yet; there is main\n"));
    }

    [TestCase("version: 1\ngroups:\n  core: { users: [x]\ngates: []\n", "the { at 3:9 is not closed before: a } may be missing")]
    [TestCase("core: { users: [x]", "the { at 1:7 is not closed before: a } may be missing")]
    [TestCase("version: 1\ngroups: { core: { users: [x] }\n", "the { at 2:9 is not closed before")]
    public async Task A_missing_brace_is_the_files_error_and_the_answer_is_no(string rules, string words)
    {
        using var terminal = new Terminal();
        var file = terminal.Write("rules.yaml", rules);

        var seen = await terminal.RunAsync("check", file);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((1, "")));
        Assert.That(seen.Output, Does.Match(@"rules\.yaml:[0-9]+:[0-9]+: error: ").And.Contain(words).And.Contain("invalid: 1 error"));
    }

    [TestCase(RequestKind.Land, "", "", "/gatekeeper land")]
    [TestCase(RequestKind.Test, "", "", "/gatekeeper test")]
    [TestCase(RequestKind.Confirm, "", "", "/gatekeeper confirm")]
    [TestCase(RequestKind.Hold, "", "not\nyet", "/gatekeeper hold not yet")]
    [TestCase(RequestKind.Priority, "10", "", "/gatekeeper priority 10")]
    [TestCase(RequestKind.Override, "two core reviewers", "the site is down", "/gatekeeper override \"two core reviewers\" the site is down")]
    public void What_is_asked_by_command_is_what_one_would_write_by_hand(RequestKind kind, string about, string reason, string comment) =>
        Assert.That(ReviewCommands.Comment(kind, about, reason), Is.EqualTo(comment));

    [TestCase("a \"quoted\" gate")]
    [TestCase("")]
    public void A_gate_that_cannot_be_named_is_not_asked_about(string gate) =>
        Assert.That(() => ReviewCommands.Comment(RequestKind.Override, gate, "because"), Throws.TypeOf<UsageException>());
}
