using System.Diagnostics;
using GateKeeper.Commands;
using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>Signatures where the forge does not tell of them: real keys, real git, and the operator's list of whose keys count.</summary>
public sealed class SignatureScenarios
{
    private const string Rules = """
        version: 1
        groups: { signers: { users: [ann@example.org] }, core: { users: [bob@example.org] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: signed, require: { signed: { by: signers } } }
        """;

    private string keys = "";

    [OneTimeSetUp]
    public void MakeKeys()
    {
        keys = Directory.CreateTempSubdirectory("gatekeeper-keys-").FullName;
        foreach (var name in (string[])["ann", "bob", "stranger", "old"])
        {
            using var made = Process.Start(new ProcessStartInfo("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", Path.Combine(keys, name)]) { RedirectStandardOutput = true })!;
            made.WaitForExit();
        }
    }

    [OneTimeTearDown]
    public void Forget() => Directory.Delete(keys, recursive: true);

    [Test]
    public async Task What_a_known_key_signed_lands_and_nothing_else_does()
    {
        var signers = await SignersAsync($"# who signs\nann@example.org namespaces=\"git\" {Key("ann")}\nbob@example.org {Key("bob")}\n");
        await using var world = await StartAsync(signers);
        await ProposeAsync(world, "good", "ann");
        var (others, strange) = (await ProposeAsync(world, "others", "bob"), await ProposeAsync(world, "strange", "stranger"));

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add good" }));
        Assert.That(Why(world, others), Does.EndWith("is signed by bob@example.org, who is not in signers"));
        Assert.That(Why(world, strange), Does.EndWith("is signed by a key that is not among the signers of the settings, or does not count now"));

        // The operator names one more key, and what it signed lands.
        await File.AppendAllTextAsync(signers, $"ann@example.org {Key("stranger")}\n");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Does.Contain("Add strange"));
    }

    [Test]
    public async Task A_signature_is_good_or_it_is_said_what_is_wrong_with_it()
    {
        var repository = Directory.CreateDirectory(Path.Combine(keys, "repository.git")).FullName;
        var git = new GitProgram(repository, Path.Combine(keys, "home"));
        await git.NeedAsync(["init", "-q", "--bare"], default);
        var good = await CommitAsync(git, "ann");
        var cases = new Dictionary<string, (CommitSha Commit, string Found)>
        {
            ["good"] = (good, "Good { Signer = ann@x, By = ann@x }"),
            ["of two people"] = (await CommitAsync(git, "bob"), "Good { Signer = bob@x, eve@x, By =  }"),
            ["none"] = (await CommitAsync(git, null), "None { }"),
            ["a stranger's"] = (await CommitAsync(git, "stranger"), "Bad { Why = is signed by a key that is not among the signers of the settings, or does not count now }"),
            ["by a key that has expired, on a commit that is said to be older"] = (await CommitAsync(git, "old", "2019-05-05T00:00:00Z"), "Bad { Why = is signed by a key that is not among the signers of the settings, or does not count now }"),
            ["of other words"] = (await ChangeAsync(git, good, raw => raw.Replace("words", "others", StringComparison.Ordinal)), "Bad { Why = carries a signature that does not fit it }"),
            ["garbage"] = (await ChangeAsync(git, good, raw => string.Join('\n', raw.Split('\n').Select(line => line.StartsWith(" U1", StringComparison.Ordinal) ? " garbage" : line))), "Bad { Why = carries a signature that does not fit it }"),
            ["of OpenPGP"] = (await ChangeAsync(git, good, raw => With(raw, "-----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----")), "Bad { Why = is signed by OpenPGP, and the settings name SSH keys only }"),
            ["of X.509"] = (await ChangeAsync(git, good, raw => With(raw, "-----BEGIN SIGNED MESSAGE-----\n MIIx")), "Bad { Why = is signed by X.509, and the settings name SSH keys only }"),
            ["at which git ends"] = (await ChangeAsync(git, good, raw => With(raw, "hello")), "Bad { Why = carries a signature of no known kind }"),
            ["two"] = (await ChangeAsync(git, good, raw => raw.Replace("\n\n", "\ngpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n\n", StringComparison.Ordinal)), "Bad { Why = carries a signature of no known kind }"),
            ["of what is not there"] = (new(new string('7', 40)), "Unknown { Why = it is not in the gate's copy any more, so its signature cannot be verified }"),
        };
        using var turned = new SemaphoreSlim(0);
        var signers = await SignersAsync($"ann@x namespaces=\"file,git\" {Key("ann")}\nbob@x,eve@x {Key("bob")}\nann@x valid-before=\"20200101\" {Key("old")}\neve@x namespaces=\"file\" {Key("stranger")}\n");

        // No configuration of the repository has a say in it.
        await git.NeedAsync(["config", "gpg.ssh.program", "/bin/true"], default);
        await git.NeedAsync(["config", "gpg.program", "/bin/true"], default);
        var signatures = new SshSignatures(git, new("plain git", signers, Path.Combine(keys, "made")), () => turned.Release(), new ManualTime());
        List<CommitSha> all = [.. cases.Values.Select(item => item.Commit)];
        signatures.Look();
        Assert.That(signatures.Of(all, address => new(address)).Values, Is.All.TypeOf<CommitSignature.Unknown>());
        for (var left = all.Count; left > 0; left -= 10)
        {
            signatures.Verify();
            Assert.That(await turned.WaitAsync(TimeSpan.FromSeconds(30)));
            signatures.Look();
            signatures.Of(all, address => new(address));
        }

        var told = signatures.Of(all, address => new(address));
        Assert.Multiple(() =>
        {
            foreach (var (name, (commit, found)) in cases)
                Assert.That($"{told[commit]}", Is.EqualTo(found), name);
        });
    }

    [Test]
    public async Task Without_a_list_of_signers_it_waits_and_says_for_what()
    {
        await using var world = await StartAsync(null);
        var change = await ProposeAsync(world, "good", "ann");

        await world.SettleAsync();

        Assert.That(Why(world, change), Is.EqualTo("plain git does not tell of signatures, and the settings name no signers"));
    }

    [Test]
    public async Task The_doctor_says_which_lines_count_for_nobody()
    {
        var settings = new Settings.RepositorySettings { Name = "tool", Forge = "git", Url = "x" };
        Assert.That(MachineDoctor.Signers(settings), Is.Empty);
        Assert.That(await LookAsync($"a@x,b@x {Key("ann")}\n\"c@x,d@x\" namespaces=\"file,git\",valid-after=\"20200101Z\" {Key("bob")} comment\n# nothing\n"), Is.EqualTo("Right: 2 keys"));
        Assert.That(await LookAsync($"a@x {Key("ann")}\nb@x valid-before=\"202001010000\" {Key("bob")}\nc@x namespaces=\"file\" {Key("old")}\n"), Is.EqualTo("Right: 2 keys, 1 of which count now"));
        Assert.That(await LookAsync($"a@x cert-authority {Key("ann")}\n{Key("ann")}\na@x valid-before=\"tomorrow\" {Key("ann")}\nb@x ssh-ed25519 x\n\"\"\n"), Does.StartWith("Wrong: ").And.Contain("line 1: the option cert-authority is not known here").And.Contain("line 2: it is not PRINCIPALS").And.Contain("line 3: the option valid-before").And.Contain("line 4: its key cannot be read").And.Contain("line 5: "));
        Assert.That(await LookAsync("# nobody\n"), Does.StartWith("Wrong: ").And.Contain("no key that counts now"));
        Assert.That(MachineDoctor.Signers(settings with { Signers = Path.Combine(keys, "nowhere") }).Single().State, Is.EqualTo(FindingState.Wrong));

        async Task<string> LookAsync(string text)
        {
            var path = await SignersAsync(text);
            var finding = MachineDoctor.Signers(settings with { Signers = path }).Single();
            return $"{finding.State}: {finding.Why.Replace($"{path} names ", "", StringComparison.Ordinal)}";
        }
    }

    private static async Task<World> StartAsync(string? signers)
    {
        var world = await World.StartAsync(Rules);
        world.Configure(repository => repository with { Signers = signers });
        return world;
    }

    private static string Words(Core.Rules.Judgement judgement) => judgement.Gates.FirstOrDefault(gate => gate.Name == "signed")?.Reason ?? "";

    private static string Why(World world, string change) => Words(world.Status(change).Judgement);

    private async Task<string> ProposeAsync(World world, string branch, string key)
    {
        world.Time.Pass(TimeSpan.FromSeconds(1));
        world.People.Push(branch, "ann", $"Add {branch}", new Dictionary<string, string?> { [$"{branch}.txt"] = "x\n" });
        var reference = $"refs/heads/{branch}";
        var made = await SignAsync(world.Url, key, await world.GitAsync("rev-parse", $"{reference}^{{tree}}"), "2026-11-20T12:00:00Z", "-p", await world.GitAsync("rev-parse", $"{reference}^"), "-m", $"Add {branch}");
        await world.GitAsync("update-ref", reference, made);
        var id = await world.People.ProposeAsync(branch, "ann", default);
        await world.ApproveAsync(id);
        return id;
    }

    private async Task<CommitSha> CommitAsync(GitProgram git, string? key, string at = "2026-11-20T12:00:00Z")
    {
        var tree = (await git.NeedAsync(["mktree"], default, [])).Text.Trim();
        return new(await SignAsync(git.Directory, key, tree, at, "-m", $"words of {key}"));
    }

    private static async Task<CommitSha> ChangeAsync(GitProgram git, CommitSha commit, Func<string, string> change)
    {
        var raw = (await git.NeedAsync(["cat-file", "commit", commit.Hex], default)).Text;
        return new((await git.NeedAsync(["hash-object", "-t", "commit", "-w", "--stdin"], default, System.Text.Encoding.UTF8.GetBytes(change(raw)))).Text.Trim());
    }

    /// <summary>Another signature in the place of the one that a commit carries.</summary>
    private static string With(string raw, string signature)
    {
        var (start, end) = (raw.IndexOf("gpgsig ", StringComparison.Ordinal), raw.IndexOf("\n\n", StringComparison.Ordinal));
        return $"{raw[..start]}gpgsig {signature}{raw[end..]}";
    }

    private async Task<string> SignAsync(string repository, string? key, string tree, string at, params string[] more)
    {
        string[] sign = key is null ? [] : ["-S"];
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", repository, "-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "gpg.format=ssh", "-c", $"user.signingkey={Path.Combine(keys, key ?? "")}", "commit-tree", .. sign, tree, .. more])
        {
            RedirectStandardOutput = true,
            Environment = { ["GIT_AUTHOR_DATE"] = at, ["GIT_COMMITTER_DATE"] = at },
        })!;
        return (await git.StandardOutput.ReadToEndAsync()).Trim();
    }

    private string Key(string name) => string.Join(' ', File.ReadAllText(Path.Combine(keys, $"{name}.pub")).Split(' ').Take(2)).Trim();

    private async Task<string> SignersAsync(string text)
    {
        var path = Path.Combine(keys, $"signers-{Directory.GetFiles(keys).Length}");
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
