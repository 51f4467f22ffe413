using System.Text;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>Repositories as they are out there: old histories, many refs, large ones, and kinds that are not supported.</summary>
public sealed class RealRepositories
{
    [TestCase("ann <ann@example.org> 1276000000 +051800", "badTimezone", TestName = "A commit of an old time zone")]
    [TestCase("ann <ann@example.org> 01276000000 +0000", "zeroPaddedDate", TestName = "A commit of a date with a zero before it")]
    [TestCase("ann<ann@example.org> 1276000000 +0000", "missingSpaceBeforeEmail", TestName = "A commit whose author has no space before the address")]
    public async Task What_lies_on_the_trunk_is_lived_with_and_what_a_change_brings_is_held_to_all(string author, string kind)
    {
        await using var world = await World.StartAsync();
        await OddAsync(world, "main", author);
        await world.ProposeApprovedAsync("feature", "feature.txt");
        await OddAsync(world, "hostile", author);
        var change = await world.People.ProposeAsync("hostile", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Odd", "Add feature" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain(kind).And.Contain("cannot be read").And.Contain("amend"));
        Assert.That(OldKinds.Noted(Path.Combine(world.Settings.Work, "mirrors", "tool.git")).Keys, Does.Contain(kind));
    }

    [Test]
    public async Task Modes_with_a_zero_before_them_on_the_trunk_are_lived_with_and_the_doctor_names_them()
    {
        await using var world = await World.StartAsync();
        var tree = await TreeAsync(world, [("40000", "src", await world.GitAsync("rev-parse", "main^{tree}")), ("0100644", "z.txt", await world.GitAsync("rev-parse", "main:a.txt"))]);
        await CommitAsync(world, "main", tree, "ann <ann@example.org> 1276000000 +0000", "Odd");
        var rules = new Dictionary<string, string?> { ["rules.yaml"] = World.Rules, ["test.sh"] = "true\n" };
        world.People.Push("main", "ann", "Rules", rules);
        await world.ProposeApprovedAsync("feature", "src/feature.txt");

        await world.SettleAsync();
        var doctor = await DoctorAsync(world);

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Odd", "Rules", "Add feature" }));
        Assert.That(doctor, Does.Contain("zeroPaddedFilemode"));
    }

    [Test]
    public async Task What_a_branch_that_is_named_like_a_trunk_brought_lends_no_proposal_a_name_that_a_tree_has_twice()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("version: 1", "version: 1\ntrunks: [main, \"release/*\"]", StringComparison.Ordinal)
            .Replace("groups: {", "groups: { owners: { users: [erin@example.org] },", StringComparison.Ordinal).Replace("gates:", "gates:\n  - { name: a.txt is erins, when: { paths: [src/a.txt] }, require: { approvals: 1, from: owners } }", StringComparison.Ordinal));
        world.Configure(repository => repository with { Trunks = ["main", "release/*"] });
        world.People.Push("main", "ann", "Add src", new Dictionary<string, string?> { ["src/a.txt"] = "a\n" });
        var (old, blob) = (await world.GitAsync("rev-parse", "main:src/a.txt"), (await world.GitAsync("hash-object", "-w", "--stdin", "<hostile")).Trim());
        var twice = await TreeAsync(world, [("100644", "a.txt", old), ("100644", "a.txt", blob), ("100644", "b.txt", blob)]);
        var entries = (await world.GitAsync("ls-tree", "main")).Split('\n').Select(line => line.Split(' ', '\t')).Select(parts => parts[3] == "src" ? ("40000", "src", twice) : (parts[0], parts[3], parts[2]));
        var tree = await TreeAsync(world, entries);
        await CommitAsync(world, "release/hostile", tree, "ann <ann@example.org> 1795336000 +0000", "Twice");
        await world.SettleAsync();
        await world.GitAsync("update-ref", "refs/heads/hostile", "refs/heads/release/hostile");
        await world.GitAsync("update-ref", "-d", "refs/heads/release/hostile");
        var change = await world.People.ProposeAsync("hostile", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add src" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("it has \"src/a.txt\" twice"));
    }

    [Test]
    public async Task A_name_that_is_no_text_beside_what_a_change_edits_is_an_old_fact_and_a_new_one_is_judged()
    {
        await using var world = await World.StartAsync();
        await BytesAsync(world, "main", "Caf", "The beginning of names");
        await world.ProposeApprovedAsync("feature", "feature.txt");
        await BytesAsync(world, "odd", "Th", "New names");
        var change = await world.People.ProposeAsync("odd", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "The beginning of names", "Add feature" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("is not UTF-8"));
    }

    [TestCase("merge")]
    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task An_author_without_an_address_lands_as_such(string method)
    {
        await using var world = await World.StartAsync($"landing: {{ method: {method} }}\n{World.Rules}");
        var blob = (await world.GitAsync("hash-object", "-w", "--stdin", "<new")).Trim();
        var entries = (await world.GitAsync("ls-tree", "main")).Split('\n').Select(line => line.Split(' ', '\t')).Select(parts => (parts[0], parts[3], parts[2]));
        await CommitAsync(world, "nobody", await TreeAsync(world, [("100644", "Add.txt", blob), .. entries]), "Ann Jr. <> 1795336000 +0000", "Add nobody");
        var change = await world.People.ProposeAsync("nobody", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add nobody" }), string.Join('\n', world.House.Pictures.SelectMany(picture => picture.Plan.Open).Select(status => status.Judgement.Whole.Reason)));
        Assert.That(await world.GitAsync("log", "-1", "--format=%an <%ae>", "main"), Is.EqualTo("Ann Jr. <>"));
    }

    [Test]
    public async Task Many_refs_are_fetched_together_and_one_bad_one_among_them_is_its_own_trouble()
    {
        await using var world = await World.StartAsync();
        var tip = await world.GitAsync("rev-parse", "main");
        await new GitProgram(world.Url, home: null).NeedAsync(["update-ref", "--stdin"], default, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 2 * BulkFetch.Many).Select(number => $"create refs/heads/many/{number} {tip}\n"))));
        var lost = world.People.Push("lost", "ann", "Lost", new Dictionary<string, string?> { ["x"] = "x\n" });
        var file = Path.Combine(world.Url, "objects", lost.Hex[..2], lost.Hex[2..]);
        File.Move(file, file + ".away");
        using var mirror = await OpenAsync(world);

        await mirror.RefreshAsync(_ => true, default);

        Assert.That(mirror.Refs, Has.Count.EqualTo((2 * BulkFetch.Many) + 1));
        Assert.That(mirror.Unfetchable.Keys, Is.EqualTo(new[] { "refs/heads/lost" }));
        using var again = await OpenAsync(world);
        Assert.That(again.Refs, Is.EquivalentTo(mirror.Refs), "and all of it is there for the next worker");
    }

    [Test]
    public async Task Many_that_are_proposed_are_held_to_bounds_before_any_of_them_is_there()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        mirror.IsProposed = name => name != "refs/heads/main";
        mirror.Fetcher.Most = 1 << 20;
        await mirror.RefreshAsync(_ => true, default);
        var zeros = world.People.Push("zeros", "ann", "Many zeros", new Dictionary<string, string?> { ["zeros"] = new string('0', 2 << 20) });
        await new GitProgram(world.Url, home: null).NeedAsync(["update-ref", "--stdin"], default, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, BulkFetch.Many).Select(number => $"create refs/heads/many/{number} {zeros.Hex}\n"))));

        Assert.That(await mirror.Fetcher.ProposedAsync(Enumerable.Range(0, BulkFetch.Many).ToDictionary(number => $"refs/heads/many/{number}", _ => zeros.Hex).Append(new("refs/heads/zeros", zeros.Hex)).ToDictionary(), [], default), Does.Contain("it brings 2 MiB, more than 1 MiB"));

        using var again = await OpenAsync(world);
        Assert.That(again.Refs.Keys, Is.EqualTo(new[] { "refs/heads/main" }));
    }

    [Test]
    public async Task A_look_at_the_same_list_brings_no_news_and_a_new_one_does()
    {
        await using var world = await World.StartAsync();
        using var mirror = await Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), $"file://{world.Url}", Path.Combine(world.People.Directory, "home"), null, default);
        Assert.That(await mirror.RefreshAsync(All, default));
        Assert.That(await mirror.RefreshAsync(All, default), Is.False);
        Assert.That(await mirror.RefreshAsync(All, default), Is.False);
        var tip = world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["x"] = "x\n" });

        Assert.That(await mirror.RefreshAsync(All, default));
        Assert.That(mirror.Refs["refs/heads/main"], Is.EqualTo(tip.Hex));
    }

    [Test]
    public async Task A_trunk_that_is_misspelt_is_said()
    {
        await using var world = await World.StartAsync();
        world.Configure(repository => repository with { Trunks = ["mian"] });

        await world.SettleAsync();

        Assert.That(world.House.Notebook.Alarms.Select(alarm => $"{alarm.Name}: {alarm.Words}"), Is.EqualTo(new[] { "no-branch:tool/mian: the repository has no branch mian, so nothing can land there: make it, or correct \"trunks\" in the settings (it has main)" }));
        await world.GitAsync("branch", "mian", "main");
        world.Time.Pass(TimeSpan.FromSeconds(61));
        await world.SettleAsync();
        Assert.That(world.Alarms, Is.Empty);
    }

    [TestCase("", TestName = "A repository of SHA-256 by its path")]
    [TestCase("file://", TestName = "A repository of SHA-256 over the wire")]
    public async Task A_repository_that_names_its_objects_otherwise_is_refused_in_one_sentence(string scheme)
    {
        await using var world = await World.StartAsync();
        var other = Path.Combine(world.People.Directory, "other.git");
        await world.GitAsync("init", "--quiet", "--bare", "--object-format=sha256", other);
        await new GitProgram(other, home: null).NeedAsync(["-c", "user.name=a", "-c", "user.email=a@example.org", "update-ref", "refs/heads/main", await EmptyAsync(other)], default);
        world.Configure(repository => repository with { Url = scheme + other });

        Assert.That(async () => await world.SettleAsync(), Throws.TypeOf<UnsupportedRepositoryException>().With.Message.Contains("SHA-256, which is not supported"));
        var examined = await Commands.DoctorCommand.ExamineAsync(world.Settings, world.Settings.Repositories[0], null, default);
        Assert.That(examined.Findings!.Select(finding => $"{finding.State} {finding.Why}"), Has.Some.StartWith("Wrong").And.Some.Contain("SHA-256"));
    }

    [TestCase("", TestName = "A partial clone as the server by its path")]
    [TestCase("file://", TestName = "A partial clone as the server over the wire")]
    public async Task A_partial_clone_as_the_server_is_refused_in_one_sentence(string scheme)
    {
        await using var world = await World.StartAsync();
        await world.GitAsync("config", "uploadpack.allowFilter", "true");
        var part = Path.Combine(world.People.Directory, "part.git");
        await world.GitAsync("clone", "--quiet", "--bare", "--filter=blob:none", $"file://{world.Url}", part);
        world.Configure(repository => repository with { Url = scheme + part });

        Assert.That(async () => await world.SettleAsync(), Throws.TypeOf<UnsupportedRepositoryException>().With.Message.Contains("is a partial clone, which is not supported"));
    }

    [TestCase("git version 2.34.1", "git version 2.34.1 is too old: git 2.38 or later is needed, for git merge-tree --write-tree")]
    [TestCase("git version 2.38.5", null)]
    [TestCase("git version 2.39.5 (Apple Git-154)", null)]
    [TestCase("git version 2.55.0.windows.1", null)]
    [TestCase("prlimit: failed to execute git: No such file or directory", "git does not say its version, but: prlimit: failed to execute git: No such file or directory")]
    public void The_git_of_the_machine_is_new_enough_or_said_to_be_too_old(string said, string? problem) =>
        Assert.That(GitVersion.Problem(said), Is.EqualTo(problem));

    [Test]
    public async Task What_a_killed_fetch_left_is_removed()
    {
        await using var world = await World.StartAsync();
        using (var first = await OpenAsync(world))
            await first.RefreshAsync(All, default);
        var pack = Path.Combine(world.People.Directory, "mirror.git", "objects", "pack");
        await File.WriteAllTextAsync(Path.Combine(pack, "tmp_pack_Xy12ab"), "half");

        using var mirror = await OpenAsync(world);
        Assert.That(Directory.EnumerateFiles(pack, "tmp_*"), Is.Empty);

        await File.WriteAllTextAsync(Path.Combine(pack, "tmp_pack_Xy12ab"), "half");
        var tip = world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["x"] = "x\n" });
        File.Move(Path.Combine(world.Url, "objects", tip.Hex[..2], tip.Hex[2..]), Path.Combine(world.People.Directory, "lost"));
        await mirror.RefreshAsync(All, default);
        Assert.That(Directory.EnumerateFiles(pack, "tmp_*"), Is.Empty, "nor does one that failed");
    }

    [Test]
    public async Task A_fetch_goes_on_for_as_long_as_it_goes_on_and_is_ended_when_it_stands_still()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world, $"file://{world.Url}");
        mirror.Fetcher.Wire.StandStill = TimeSpan.FromSeconds(1.2);
        var told = new List<string>();
        mirror.Fetcher.Wire.Progressed += told.Add;

        await SlowAsync(world, "for i in 1 2 3 4 5 6 7 8 9; do printf 'step %s\\r' $i >&2; sleep 0.2; done");
        await mirror.RefreshAsync(All, default);
        Assert.That(mirror.Refs.Keys, Is.EqualTo(new[] { "refs/heads/main" }));
        Assert.That(told, Has.Some.EqualTo("remote: step 9").And.Some.StartWith("Receiving objects: 100%"));

        await SlowAsync(world, "printf 'step 1\\r' >&2; sleep 60");
        world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["x"] = "x\n" });
        Assert.That(async () => await mirror.RefreshAsync(All, default), Throws.TypeOf<GitException>().With.Message.Contains("stood still").And.Message.Contains("it was at: remote: step 1"));
    }

    [Test]
    public async Task Packs_of_the_mirror_are_joined_and_can_be_read_all_the_while()
    {
        await using var world = await World.StartAsync();
        using var mirror = await OpenAsync(world);
        for (var commit = 0; commit < 4; commit++)
        {
            world.People.Push("main", "ann", $"Grow {commit}", new Dictionary<string, string?> { [$"{commit}"] = $"{commit}\n" });
            await mirror.RefreshAsync(All, default);
            if (commit < 2)
                Assert.That(mirror.Repository.Commit(mirror.Refs["refs/heads/main"]).Tree[$"{commit}"], Is.Not.Null, "some packs are open, and others are not");
        }

        var loose = await world.GitAsync("rev-parse", "main");
        mirror.Keep("in-flight/x", new(loose));
        var single = mirror.Repository.ObjectDatabase.CreateBlob(new MemoryStream("nobody holds it"u8.ToArray())).Sha;
        await using var upkeep = new Upkeep(mirror.Git, mirror.Fetcher.Leftovers) { MostPacks = 2 };

        upkeep.Look(world.Time);
        await upkeep.Work;

        Assert.That(Directory.EnumerateFiles(Path.Combine(mirror.Path, "objects", "pack"), "*.pack").Count(), Is.LessThan(4));
        var tip = mirror.Repository.Commit(loose);
        for (var commit = 0; commit < 4; commit++)
            Assert.That(mirror.Repository.Blob(tip.Tree[$"{commit}"].Target.Sha).GetContentText(), Is.EqualTo($"{commit}\n"));
        Assert.That(mirror.FirstParents(loose).Count(), Is.EqualTo(5));
        Assert.That(mirror.Repository.Blob(single).GetContentText(), Is.EqualTo("nobody holds it"));
    }

    [Test]
    public void A_fetch_that_goes_on_is_on_the_page() =>
        Assert.That(Status.FetchNote.Of([("tool", "Receiving objects:  45% (9/20), 1.20 GiB | 3.00 MiB/s"), ("other", null)]).ToString(), Is.EqualTo("<p class=\"soft\">tool is being fetched: Receiving objects:  45% (9/20), 1.20 GiB | 3.00 MiB/s</p>"));

    /// <summary>The server does something of its own before it sends.</summary>
    private static async Task SlowAsync(World world, string script)
    {
        await world.HookAsync("slow", script + "\nexec \"$@\"");
        await File.WriteAllTextAsync(Path.Combine(world.People.Directory, "home", "gitconfig"), $"[safe]\n\tdirectory = *\n[uploadpack]\n\tpackObjectsHook = {Path.Combine(world.Url, "hooks", "slow")}\n");
    }

    private static async Task<string> EmptyAsync(string repository)
    {
        var tree = (await new GitProgram(repository, home: null).NeedAsync(["hash-object", "-t", "tree", "-w", "--stdin"], default, [])).Text.Trim();
        return (await new GitProgram(repository, home: null).NeedAsync(["-c", "user.name=a", "-c", "user.email=a@example.org", "commit-tree", "-m", "x", tree], default)).Text.Trim();
    }

    internal static bool All(string name) => name.Length > 0;

    internal static Task<Mirror> OpenAsync(World world, string? url = null) =>
        Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), url ?? world.Url, Path.Combine(world.People.Directory, "home"), null, default);

    private static async Task<string> DoctorAsync(World world)
    {
        using var mirror = await OpenAsync(world);
        var examined = await Commands.DoctorCommand.ExamineAsync(world.Settings, world.Settings.Repositories[0], null, default);
        return Commands.DoctorCommand.Text([examined]);
    }

    private static async Task OddAsync(World world, string branch, string author) => await CommitAsync(world, branch, await world.GitAsync("rev-parse", "main^{tree}"), author, "Odd");

    private static async Task CommitAsync(World world, string branch, string tree, string author, string subject)
    {
        var commit = await world.GitAsync("hash-object", "-t", "commit", "-w", "--stdin", "--literally",
            $"<tree {tree}\nparent {await world.GitAsync("rev-parse", "main")}\nauthor {author}\ncommitter ann <ann@example.org> 1795336000 +0000\n\n{subject}\n");
        await world.GitAsync("update-ref", $"refs/heads/{branch}", commit);
    }

    /// <summary>A tree with modes as they are given, in the order that they are given in.</summary>
    private static Task<string> TreeAsync(World world, IEnumerable<(string Mode, string Name, string Id)> entries) =>
        WriteTreeAsync(world, [.. entries.SelectMany(entry => (byte[])[.. Encoding.UTF8.GetBytes($"{entry.Mode} {entry.Name}\0"), .. Convert.FromHexString(entry.Id)])]);

    private static async Task<string> WriteTreeAsync(World world, byte[] content) =>
        (await new GitProgram(world.Url, home: null).NeedAsync(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], default, content)).Text.Trim();

    /// <summary>The trunk's own tree, and a file whose name ends in a byte that is no UTF-8.</summary>
    private static async Task BytesAsync(World world, string branch, string name, string subject)
    {
        var entries = (await world.GitAsync("ls-tree", "main")).Split('\n').Select(line => line.Split(' ', '\t')).Select(parts => (Mode: parts[0], Name: Encoding.UTF8.GetBytes(parts[3]), Id: parts[2]))
            .Where(entry => !entry.Name.Contains((byte)'"')).Append((Mode: "100644", Name: [.. Encoding.ASCII.GetBytes(name), 0xe9], Id: await world.GitAsync("rev-parse", "main:a.txt")));
        var content = entries.OrderBy(entry => entry.Name, Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other)))
            .SelectMany(entry => (byte[])[.. Encoding.ASCII.GetBytes(entry.Mode + " "), .. entry.Name, 0, .. Convert.FromHexString(entry.Id)]);
        await CommitAsync(world, branch, await WriteTreeAsync(world, [.. content]), "ann <ann@example.org> 1795336000 +0000", subject);
    }
}
